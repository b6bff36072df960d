import { notify } from "../notify.ts";

/** Snapshots of a value; listeners are called at most once a frame. */
export interface StreamStore<Snapshot> {
  /** The value may have changed. */
  change(): void;
  /** Takes the next snapshot now, and calls the listeners. */
  flush(): void;
  subscribe(listener: () => void): () => void;
  /** The same object until the next snapshot. */
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
    // Without listeners no frame was requested.
    if (listeners.size === 0) flush();
    return snapshot;
  }

  /** Calls `flush` with the next frame, or by a timer: a hidden page has no frames, a worker may have none. */
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
