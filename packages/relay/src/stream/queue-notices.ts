import type { LogWriter } from "../log/event-log.ts";

/** Notifies readers in the log of a stream's position in the queue, while there is a reader. */
export type QueueNotices = ReturnType<typeof createQueueNotices>;

/** The shortest time between two notices of a stream; position 0 does not wait. */
const intervalMs = 1_000;

/** Only the latest position matters: one that has to wait is replaced by the next. */
export function createQueueNotices(writer: Pick<LogWriter, "append">) {
  let position = 0;
  let written = 0;
  let isOpen = false;
  let isFull = false;
  let timer: NodeJS.Timeout | undefined;

  function write(): void {
    if (!isOpen || isFull || position === written) return;
    if (position > 0 && timer !== undefined) return;
    clearTimeout(timer);
    timer = position === 0 ? undefined : setTimeout(onInterval, intervalMs);
    written = position;
    try {
      isFull = !writer.append([{ type: "queued", position }]);
    } catch {
      // A failing log is reported by the answer's own events.
      isOpen = false;
    }
  }

  function onInterval(): void {
    timer = undefined;
    write();
  }

  return {
    /** A new position in the queue: 1 is next, 0 is its turn. */
    update(next: number): void {
      position = next;
      write();
    },
    /** From now on there is a reader: it gets the present position, and those that follow. */
    open(): void {
      isOpen = true;
      write();
    },
    /** The log accepts events again. */
    onRoom(): void {
      isFull = false;
      // Position 0 is written at once or not at all: the answer may be there by now.
      if (position > 0) write();
    },
    /** The stream is over: nothing more is written. */
    close(): void {
      isOpen = false;
      clearTimeout(timer);
    },
  };
}
