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
  const listeners = new Set<{ readonly listener: () => void }>();
  let snapshot = read();
  let hasChanged = false;
  let isAwaitingFrame = false;

  function flush(): void {
    if (!hasChanged) return;
    hasChanged = false;
    const before = snapshot;
    snapshot = read();
    if (snapshot === before) return;
    for (const { listener } of listeners) notify(listener);
  }

  function getSnapshot(): Snapshot {
    // Nobody is told, so nobody would call this late.
    if (listeners.size === 0) flush();
    return snapshot;
  }

  /** Calls `flush` with the next frame. A hidden page gets none, and a worker may have none. */
  function awaitFrame(): void {
    isAwaitingFrame = true;
    const once = (): void => {
      clearTimeout(timer);
      if (frame !== undefined) cancelAnimationFrame(frame);
      isAwaitingFrame = false;
      flush();
    };
    const frame = globalThis.requestAnimationFrame?.(once);
    const timer = setTimeout(once, frame === undefined ? 16 : 100);
  }

  return {
    change() {
      hasChanged = true;
      if (!isAwaitingFrame && listeners.size > 0) awaitFrame();
    },
    flush,
    subscribe(listener) {
      getSnapshot();
      const subscription = { listener };
      listeners.add(subscription);
      return () => {
        listeners.delete(subscription);
      };
    },
    getSnapshot,
  };
}
