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
  let events: KnownEvent[] = [];
  /** Whether `events` has readers, which get each token. */
  let isRead = false;
  /** The first of the tokens, or pieces of reasoning, that follow the last of `events`; and their texts. */
  let joined: TokenEvent | ReasoningEvent | undefined;
  let pieces: string[] = [];
  let ended: { readonly failure: Error | undefined } | undefined;
  let waiting: (() => void)[] = [];

  function wake(): void {
    const readers = waiting;
    if (readers.length > 0) waiting = [];
    for (const resume of readers) resume();
  }

  function flush(): KnownEvent[] {
    // One flat string: one that grew piece by piece would keep its pieces.
    if (joined) events.push({ ...joined, content: pieces.join("") });
    joined = undefined;
    pieces = [];
    return events;
  }

  function push(event: KnownEvent): void {
    if (!isRead && (event.type === "token" || event.type === "reasoning")) {
      if (joined?.type !== event.type) flush();
      joined ??= event;
      pieces.push(event.content);
    } else {
      flush().push(event);
      wake();
    }
  }

  return {
    push,
    end(failure) {
      ended = { failure };
      if (isRead) {
        const all = events;
        // Its readers still get each token.
        events = [];
        isRead = false;
        for (const event of all) push(event);
      }
      flush();
      wake();
    },
    goOn() {
      ended = undefined;
      if (events.at(-1)?.type === "stop") events.pop();
    },
    // Not a generator: its `return` would wait for the event that `next` is waiting for.
    read(onLeave) {
      const mine = flush();
      isRead = true;
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
