/** Which stream a key stands for: the first that claimed it. */
export function createIdempotencyKeys() {
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
    /** The stream of `key`: `streamId`, if no other has it. */
    claim(key: string, streamId: string): string {
      const holder = holders.get(key);
      if (holder !== undefined) return holder;
      holders.set(key, streamId);
      keysOf.set(streamId, (keysOf.get(streamId) ?? new Set()).add(key));
      return streamId;
    },
    release,
    /** Frees all keys of a stream. */
    forget(streamId: string): void {
      for (const key of keysOf.get(streamId) ?? []) release(key);
    },
    clear(): void {
      holders.clear();
      keysOf.clear();
    },
  };
}
