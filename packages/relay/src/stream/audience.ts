export interface AudienceOptions {
  /** How long the stream may go without readers. */
  readonly graceMs: number;
  /** The stream had no readers for that long. */
  readonly onGone: () => void;
}

/** The readers of one stream on this relay. */
export interface Audience {
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
export function createAudience({ graceMs, onGone }: AudienceOptions): Audience {
  let readers = 0;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;

  /** Without readers here it asks again: there may have been readers elsewhere. */
  function lookAgain(): void {
    timer = setTimeout(lookAgain, graceMs);
    onGone();
  }

  return {
    get isEmpty() {
      return readers === 0;
    },
    join() {
      readers += 1;
      clearTimeout(timer);
      let isHere = true;
      return () => {
        if (!isHere) return;
        isHere = false;
        readers -= 1;
        if (readers === 0 && !isClosed) timer = setTimeout(lookAgain, graceMs);
      };
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
