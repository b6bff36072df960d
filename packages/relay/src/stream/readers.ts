export interface ReadersOptions {
  /** How long the stream may go without readers. */
  readonly graceMs: number;
  /** The stream had no readers for that long. */
  readonly onOrphaned: () => void;
}

/** The readers of one stream on this relay. */
export interface Readers {
  readonly isEmpty: boolean;
  /** Adds a reader; the returned function removes it. */
  join(): () => void;
  /** Stops waiting for readers. */
  close(): void;
}

/**
 * Counts readers, and notices when there has been none for a while. It begins without any, and
 * without a timer: the first grace begins when the first reader leaves.
 */
export function createReaders({ graceMs, onOrphaned }: ReadersOptions): Readers {
  let count = 0;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;

  /** Without readers here it asks again: there may have been readers elsewhere. */
  function checkAgain(): void {
    timer = setTimeout(checkAgain, graceMs);
    onOrphaned();
  }

  return {
    get isEmpty() {
      return count === 0;
    },
    join() {
      count += 1;
      clearTimeout(timer);
      let isHere = true;
      return () => {
        if (!isHere) return;
        isHere = false;
        count -= 1;
        if (count === 0 && !isClosed) timer = setTimeout(checkAgain, graceMs);
      };
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
