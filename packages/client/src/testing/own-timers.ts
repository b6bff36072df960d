/** A file of the SDK in a stack, and none of its tests. */
const ownFile = /\/client\/src\/(?!testing\/)[\w/-]+\.ts(?<!\.test\.ts)/;

/**
 * Counts the timers that the SDK has set and that have not fired: those of what another test of the same
 * process has left, such as a socket of Node, are none. For a fake clock: after it was installed, and
 * stopped before it is taken away.
 */
export function watchOwnTimers(): { count(): number; stop(): void } {
  const own = new Set<unknown>();
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  const watched = (callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
    const timer = set(() => {
      own.delete(timer);
      callback(...args);
    }, ms);
    if (ownFile.test(new Error("Where it is set.").stack ?? "")) own.add(timer);
    return timer;
  };
  globalThis.setTimeout = Object.assign(watched, set);
  globalThis.clearTimeout = (timer) => {
    own.delete(timer);
    clear(timer);
  };
  return {
    count: () => own.size,
    stop() {
      globalThis.setTimeout = set;
      globalThis.clearTimeout = clear;
    },
  };
}
