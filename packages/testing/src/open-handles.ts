import { createHook } from "node:async_hooks";
import { setImmediate as loopTurn } from "node:timers/promises";
import { afterAll } from "vitest";

/** What would keep the process alive: sockets, and timers of the relay, its clients and the emulator. */
export type OpenHandles = () => Promise<string[]>;

/** Watches from now on, until the tests of this file are over. */
export function watchHandles(): OpenHandles {
  const timers = new Map<number, { hasRef(): boolean }>();
  // The test runner has timers of its own, which come and go: only those made below count.
  const watch = createHook({
    init(id, type, _, timer) {
      if (type !== "Timeout" || !("hasRef" in timer)) return;
      const madeBy = /packages\/(?:relay(?:-\w+)?|emulator)\/src|node_modules\/(?:undici|@redis)/;
      if (!madeBy.test(new Error("made here").stack ?? "")) return;
      timers.set(id, timer as { hasRef(): boolean });
    },
    destroy(id) {
      timers.delete(id);
    },
  }).enable();
  afterAll(() => void watch.disable());

  return async () => {
    // The loop gives back what was closed at the end of a turn.
    await loopTurn();
    await loopTurn();
    const resources = process.getActiveResourcesInfo();
    const sockets = resources.filter((name) => /^(?:TCP|GetAddr)/.test(name));
    const running = [...timers.values()].filter((timer) => timer.hasRef());
    return [...sockets, ...running.map(() => "Timer")];
  };
}
