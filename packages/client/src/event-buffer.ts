import type { KnownEvent, TokenEvent } from "@gatestream/protocol";

/** Events for readers that come at any time: each sees all of them, then the end or the failure. */
export interface EventBuffer {
  push(event: KnownEvent): void;
  /** Whoever comes from now on gets tokens that follow each other as one. */
  end(failure?: Error): void;
  /** `onLeave` is called when the reader leaves before the end. */
  read(onLeave: () => void): AsyncIterator<KnownEvent, void>;
}

export function createEventBuffer(): EventBuffer {
  let events: KnownEvent[] = [];
  let ended: { readonly failure: Error | undefined } | undefined;
  let waiting: (() => void)[] = [];

  function wake(): void {
    if (waiting.length === 0) return;
    const readers = waiting;
    waiting = [];
    for (const resume of readers) resume();
  }

  return {
    push(event) {
      events.push(event);
      wake();
    },
    end(failure) {
      ended = { failure };
      // A page that keeps its answers should not have to keep every token of them.
      events = joinTokens(events);
      wake();
    },
    // Not a generator: its `return` would wait for the event that `next` is waiting for.
    read(onLeave) {
      // Stays as it is for those who read it when the stream ends.
      const mine = events;
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

function joinTokens(events: readonly KnownEvent[]): KnownEvent[] {
  const joined: KnownEvent[] = [];
  let run: TokenEvent[] = [];

  function endRun(): void {
    // One flat string: one that grew piece by piece would keep its pieces.
    if (run[0]) joined.push({ ...run[0], content: run.map(({ content }) => content).join("") });
    run = [];
  }

  for (const event of events) {
    if (event.type === "token") run.push(event);
    else {
      endRun();
      joined.push(event);
    }
  }
  endRun();
  return joined;
}
