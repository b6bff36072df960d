import type { LogWriter } from "./event-log.ts";

/** Tells in the log how far a stream is from its turn, while somebody can read it. */
export interface QueueNotices {
  /** A new place in the queue: 1 is next, 0 is its turn. */
  readonly update: (position: number) => void;
  /** From now on there is a reader: it gets the present place, and each that follows. */
  open(): void;
}

/** Only the latest place matters: one that the log has no room for is replaced by the next. */
export function createQueueNotices(writer: LogWriter): QueueNotices {
  let position = 0;
  let told = 0;
  let isOpen = false;
  let isFull = false;

  function tell(): void {
    if (!isOpen || isFull || position === told) return;
    told = position;
    const full = writer.append([{ type: "queued", position }]);
    if (full === undefined) return;
    isFull = true;
    const onRoom = (): void => {
      isFull = false;
      // Its turn is told at once or not at all: the answer may be there by now.
      if (position > 0) tell();
    };
    // A log that fails is told by the pump.
    full.then(onRoom, () => {});
  }

  return {
    update(next) {
      position = next;
      tell();
    },
    open() {
      isOpen = true;
      tell();
    },
  };
}
