import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { untilAborted } from "./oauth.ts";

test("a promise that settles first is the answer, and leaves no listener", async () => {
  const { signal } = new AbortController();
  await expect(untilAborted(Promise.resolve(1), signal)).resolves.toBe(1);
  await expect(untilAborted(Promise.reject(new Error("no")), signal)).rejects.toThrow("no");
  await Promise.resolve();
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("a signal that is aborted before or meanwhile rejects with its reason", async () => {
  const never = new Promise<void>(() => {});
  await expect(untilAborted(never, AbortSignal.abort("gone"))).rejects.toBe("gone");
  const leaving = new AbortController();
  const waiting = untilAborted(never, leaving.signal);
  leaving.abort("gone");
  await expect(waiting).rejects.toBe("gone");
});

// The runner fails on every unhandled rejection.
test("a promise that fails after the abort is no unhandled rejection", async () => {
  const late = new Promise<void>((_, reject) => setImmediate(() => reject(new Error("late"))));
  await expect(untilAborted(late, AbortSignal.abort("gone"))).rejects.toBe("gone");
  await late.catch(() => {});
  await new Promise(setImmediate);
});
