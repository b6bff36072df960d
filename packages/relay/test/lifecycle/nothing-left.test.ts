import { createHook } from "node:async_hooks";
import { once } from "node:events";
import { setImmediate as loopTurn } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { ask, question, responseTo } from "@gatestream/testing/ask";
import { startRelay } from "@gatestream/testing/relay-under-test";

const timers = new Map<number, { hasRef(): boolean }>();

// The test runner has timers of its own, which come and go: only those made below count.
const watch = createHook({
  init(id, type, _, timer) {
    if (type !== "Timeout" || !("hasRef" in timer)) return;
    const isOurs = /packages\/(?:relay(?:-\w+)?|emulator)\/src|node_modules\/undici/.test(
      new Error("made here").stack ?? "",
    );
    if (isOurs) timers.set(id, timer as { hasRef(): boolean });
  },
  destroy(id) {
    timers.delete(id);
  },
}).enable();
afterAll(() => void watch.disable());

/** What would keep the process alive. */
async function openHandles(): Promise<string[]> {
  // The loop gives back what was closed at the end of a turn.
  await loopTurn();
  await loopTurn();
  const sockets = process.getActiveResourcesInfo().filter((name) => /^(?:TCP|GetAddr)/.test(name));
  return [...sockets, ...[...timers.values()].filter((timer) => timer.hasRef()).map(() => "Timer")];
}

test.each([
  ["answer", ["TCPServerWrap"]],
  ["stall", ["TCPServerWrap", "TCPSocketWrap", "Timer"]],
  ["silent", ["TCPServerWrap", "TCPSocketWrap", "Timer"]],
  ["rate-limited-always", ["TCPServerWrap", "TCPSocketWrap", "Timer"]],
] as const)(
  "after a stop during %s nothing is left that would keep the process alive",
  async (scenario, running) => {
    {
      await using under = await startRelay({ emulator: { scenario }, firstByteGraceMs: 60_000 });
      const asking = ask(under.streamUrl, question("Hello"));
      const ended = once(asking, "close");
      if (scenario === "rate-limited-always") await under.untilObserved("attempt_failed");
      else if (scenario === "silent") await under.emulator.waitFor(({ kind }) => kind === "chat");
      else (await responseTo(asking)).resume();
      // It is seen while it is there, so that its absence below means something.
      expect(await openHandles()).toEqual(expect.arrayContaining([...running]));
      await under.relay.close();
      asking.destroy();
      await ended;
    }
    expect(await openHandles()).toEqual([]);
  },
);
