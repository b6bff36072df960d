/** Which stream a key stands for: the first that claimed it. */
export interface IdempotencyKeys {
  /** The stream of `key`: `streamId`, if no other has it. */
  claim(key: string, streamId: string): string;
  release(key: string): void;
  /** Frees all keys of a stream. */
  forget(streamId: string): void;
  clear(): void;
}

export function createIdempotencyKeys(): IdempotencyKeys {
  const holders = new Map<string, string>();
  const keysOf = new Map<string, Set<string>>();

  function release(key: string): void {
    const holder = holders.get(key) ?? "";
    const keys = keysOf.get(holder);
    holders.delete(key);
    keys?.delete(key);
    if (keys?.size === 0) keysOf.delete(holder);
  }

  return {
    claim(key, streamId) {
      const holder = holders.get(key);
      if (holder !== undefined) return holder;
      holders.set(key, streamId);
      keysOf.set(streamId, (keysOf.get(streamId) ?? new Set()).add(key));
      return streamId;
    },
    release,
    forget(streamId) {
      for (const key of keysOf.get(streamId) ?? []) release(key);
    },
    clear() {
      holders.clear();
      keysOf.clear();
    },
  };
}
