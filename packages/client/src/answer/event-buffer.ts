import type { KnownEvent, TokenEvent } from "@gatestream/protocol";

/**
 * Events for readers that come at any time: each sees all of them, then the end or the failure.
 * While nobody has begun to read, and again after the end, tokens that follow each other are kept
 * as one: a page that only listens, or that keeps its answers, need not keep every token of them.
 */
export interface EventBuffer {
  push(event: KnownEvent): void;
  end(failure?: Error): void;
  /** Takes the end back: there is more to come. */
  goOn(): void;
  /** `onLeave` is called when the reader leaves before the end. */
  read(onLeave: () => void): AsyncIterator<KnownEvent, void>;
}

export function createEventBuffer(): EventBuffer {
  /** Takes what comes before the first reader. */
  const joined = createJoinedEvents();
  /** What readers read, once there is one. */
  let events: KnownEvent[] | undefined;
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
      (events ?? joined).push(event);
      wake();
    },
    end(failure) {
      ended = { failure };
      const kept = events === undefined ? joined : createJoinedEvents();
      events?.forEach(kept.push);
      events = kept.whole();
      wake();
    },
    goOn() {
      ended = undefined;
      if (events?.at(-1)?.type === "stop") events.pop();
    },
    // Not a generator: its `return` would wait for the event that `next` is waiting for.
    read(onLeave) {
      // Stays as it is for those who read it when the stream ends.
      const mine = (events ??= joined.whole());
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

/** Collects events, of which tokens that follow each other become one. */
function createJoinedEvents() {
  const events: KnownEvent[] = [];
  let first: TokenEvent | undefined;
  let contents: string[] = [];

  function endRun(): void {
    // One flat string: one that grew piece by piece would keep its pieces.
    if (first) events.push({ ...first, content: contents.join("") });
    first = undefined;
    contents = [];
  }

  return {
    push(event: KnownEvent): void {
      if (event.type === "token") {
        first ??= event;
        contents.push(event.content);
      } else {
        endRun();
        events.push(event);
      }
    },
    /** All of them. */
    whole(): KnownEvent[] {
      endRun();
      return events;
    },
  };
}
