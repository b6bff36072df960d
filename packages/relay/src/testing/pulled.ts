/** Where a source pushes. */
export interface Push<Item> {
  /** False: no more until `resume`. */
  item(value: Item): boolean;
  end(failure?: unknown): void;
}

/** What a source is controlled by. */
export interface Source {
  resume(): void;
  close(): void;
}

interface Waiting<Item> {
  readonly resolve: (result: IteratorResult<Item, undefined>) => void;
  readonly reject: (failure: unknown) => void;
}

/**
 * The pushed items, for tests that read them in a loop: one at a time, on demand. With
 * `isEager` the source is never paused, as by a reader that keeps up.
 */
export function pulled<Item>(
  open: (push: Push<Item>) => Source,
  { isEager = false } = {},
): AsyncIterableIterator<Item, undefined> {
  const items: Item[] = [];
  const waiting: Waiting<Item>[] = [];
  let ended: { readonly failure: unknown } | undefined;
  let isFailureTold = false;

  function serve(): void {
    while (waiting.length > 0 && (items.length > 0 || ended !== undefined)) {
      const { resolve, reject } = waiting.shift() as Waiting<Item>;
      if (items.length > 0) {
        resolve({ done: false, value: items.shift() as Item });
      } else if (ended?.failure === undefined || isFailureTold) {
        resolve({ done: true, value: undefined });
      } else {
        isFailureTold = true;
        reject(ended.failure);
      }
    }
  }

  const source = open({
    item(value) {
      items.push(value);
      serve();
      return isEager || waiting.length > 0;
    },
    end(failure) {
      ended ??= { failure };
      serve();
    },
  });

  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        serve();
        if (waiting.length > 0) source.resume();
      }),
    async return() {
      ended ??= { failure: undefined };
      items.length = 0;
      source.close();
      serve();
      return { done: true, value: undefined };
    },
  };
}
