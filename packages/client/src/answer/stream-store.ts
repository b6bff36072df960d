import { nextFrame } from "./next-frame.ts";
import { notify } from "../notify.ts";

/** A value that is read now and then, told at most once a frame. */
export interface StreamStore<Snapshot> {
  /** What is read may have changed. */
  change(): void;
  /** Tells what has changed at once. */
  flush(): void;
  subscribe(listener: () => void): () => void;
  /** The same object as long as nothing new was told. */
  getSnapshot(): Snapshot;
}

export function createStreamStore<Snapshot>(read: () => Snapshot): StreamStore<Snapshot> {
  const listeners = new Set<() => void>();
  let snapshot = read();
  let hasChanged = false;
  let isAwaitingFrame = false;

  function flush(): void {
    if (!hasChanged) return;
    hasChanged = false;
    const before = snapshot;
    snapshot = read();
    if (snapshot === before) return;
    for (const listener of listeners) notify(listener);
  }

  function getSnapshot(): Snapshot {
    // Nobody is told, so nobody would call this late.
    if (listeners.size === 0) flush();
    return snapshot;
  }

  return {
    change() {
      hasChanged = true;
      if (isAwaitingFrame || listeners.size === 0) return;
      isAwaitingFrame = true;
      nextFrame(() => {
        isAwaitingFrame = false;
        flush();
      });
    },
    flush,
    subscribe(listener) {
      getSnapshot();
      const own = (): void => listener();
      listeners.add(own);
      return () => {
        listeners.delete(own);
      };
    },
    getSnapshot,
  };
}
