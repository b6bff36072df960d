import { createRetention } from "@gatestream/relay/parts";

export interface LocalKeysOptions {
  /** How long a key waits for its stream to begin, in milliseconds. */
  readonly pendingMs: number;
  /** Milliseconds, of a clock that never goes back. */
  readonly now: () => number;
}

/** The callers' keys that stand for streams of this relay: Redis may be away, or lose them. */
export interface LocalKeys {
  add(key: string, streamId: string): void;
  release(key: string): void;
  /** The stream begins: it has its keys until it is forgotten. */
  keep(streamId: string): void;
  forget(streamId: string): void;
  /** Which stream a key stands for. */
  holderOf(key: string): string | undefined;
  keysOf(streamId: string): readonly string[];
  clear(): void;
}

export function createLocalKeys({ pendingMs, now }: LocalKeysOptions): LocalKeys {
  const holders = new Map<string, string>();
  const keys = new Map<string, Set<string>>();
  const begun = new Set<string>();
  const pending = createRetention({ retainMs: pendingMs, now, onExpired: forget });

  function release(key: string): void {
    keys.get(holders.get(key) ?? "")?.delete(key);
    holders.delete(key);
  }

  function forget(streamId: string): void {
    for (const key of keys.get(streamId) ?? []) holders.delete(key);
    keys.delete(streamId);
    begun.delete(streamId);
    pending.delete(streamId);
  }

  return {
    release,
    forget,
    add(key, streamId) {
      release(key);
      holders.set(key, streamId);
      const own = keys.get(streamId) ?? new Set();
      keys.set(streamId, own.add(key));
      if (!begun.has(streamId)) pending.add(streamId);
    },
    keep(streamId) {
      begun.add(streamId);
      pending.delete(streamId);
    },
    holderOf: (key) => holders.get(key),
    keysOf: (streamId) => [...(keys.get(streamId) ?? [])],
    clear() {
      holders.clear();
      keys.clear();
      begun.clear();
      pending.clear();
    },
  };
}
