import type { KnownEvent, ReasoningEvent, TokenEvent } from "@gatestream/protocol";

/**
 * Events for readers that start at any time: each gets all of them, then the end or the failure.
 * Consecutive tokens, or pieces of reasoning, received before the first reader starts, and those of a
 * finished answer, are merged: a page that has only listeners, or that keeps its answers, does not hold every token.
 */
export interface EventBuffer {
  push(event: KnownEvent): void;
  end(failure?: Error): void;
  /** The answer continues after its end. */
  goOn(): void;
  /** `onLeave` is called when the reader leaves before the end. */
  read(onLeave: () => void): AsyncIterator<KnownEvent, void>;
}

export function createEventBuffer(): EventBuffer {
  /** All events, merged. */
  const events: KnownEvent[] = [];
  /** What has come for the last one since it was made. */
  let pieces: string[] = [];
  /** All events as the readers get them; undefined until there is one, and after the end. */
  let unmerged: KnownEvent[] | undefined;
  let ended: { readonly failure: Error | undefined } | undefined;
  let waiting: (() => void)[] = [];

  function wake(): void {
    const readers = waiting;
    if (readers.length > 0) waiting = [];
    for (const resume of readers) resume();
  }

  function flush(): KnownEvent[] {
    if (pieces.length > 0) {
      const last = events.pop() as TokenEvent | ReasoningEvent;
      // One flat string: one that grew piece by piece would keep its pieces.
      events.push({ ...last, content: last.content + pieces.join("") });
      pieces = [];
    }
    return events;
  }

  return {
    push(event) {
      const { type } = event;
      const isText = type === "token" || type === "reasoning";
      if (isText && events.at(-1)?.type === type) pieces.push(event.content);
      else flush().push(event);
      unmerged?.push(event);
      wake();
    },
    end(failure) {
      ended = { failure };
      flush();
      // Its readers keep it.
      unmerged = undefined;
      wake();
    },
    goOn() {
      ended = undefined;
      if (events.at(-1)?.type === "stop") events.pop();
    },
    // Not a generator: its `return` would wait for the event that `next` is waiting for.
    read(onLeave) {
      const mine = ended ? flush() : (unmerged ??= [...flush()]);
      let position = 0;
      let isOver = false;
      return {
        async next() {
          while (!isOver) {
            const event = mine[position];
            if (event !== undefined) {
              position += 1;
              return { done: false, value: event };
            }
            if (ended === undefined) {
              await new Promise<void>((resume) => {
                waiting.push(resume);
              });
            } else {
              isOver = true;
              if (ended.failure !== undefined) throw ended.failure;
            }
          }
          return { done: true, value: undefined };
        },
        async return() {
          if (!isOver) {
            isOver = true;
            onLeave();
            wake();
          }
          return { done: true, value: undefined };
        },
      };
    },
  };
}

/** The pieces of text of an answer. */
export async function* tokensOf(events: AsyncIterable<KnownEvent>): AsyncGenerator<string, void> {
  for await (const event of events) {
    if (event.type === "token") yield event.content;
  }
}
