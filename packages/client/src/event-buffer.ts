import type { KnownEvent } from "@gatestream/protocol";

/** Events for readers that come at any time: each sees all of them, then the end or the failure. */
export interface EventBuffer {
  push(event: KnownEvent): void;
  end(failure?: Error): void;
  /** `onLeave` is called when the reader leaves before the end. */
  read(onLeave: () => void): AsyncIterator<KnownEvent, void>;
}

export function createEventBuffer(): EventBuffer {
  const events: KnownEvent[] = [];
  let ended: { readonly failure: Error | undefined } | undefined;
  let waiting: (() => void)[] = [];

  function wake(): void {
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
      ended ??= { failure };
      wake();
    },
    // Not a generator: its `return` would wait for the event that `next` is waiting for.
    read(onLeave) {
      let position = 0;
      let isOver = false;
      return {
        async next() {
          while (!isOver) {
            const event = events[position];
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
