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
    async *read(onLeave) {
      let isAtEnd = false;
      try {
        for (let next = 0; ;) {
          const event = events[next];
          if (event !== undefined) {
            next += 1;
            yield event;
          } else if (ended === undefined) {
            await new Promise<void>((resume) => {
              waiting.push(resume);
            });
          } else {
            isAtEnd = true;
            if (ended.failure !== undefined) throw ended.failure;
            return;
          }
        }
      } finally {
        if (!isAtEnd) onLeave();
      }
    },
  };
}
