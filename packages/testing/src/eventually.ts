import { vi } from "vitest";

/** Long enough for a machine that is busy; the tests' own limit is longer. */
const patience = { timeout: 50_000, interval: 20 };

/** Resolves once `check` no longer throws. Rejects with its last error after 50 seconds. */
export function eventually<Result>(check: () => Result | Promise<Result>): Promise<Result> {
  return vi.waitFor(check, patience);
}

/** Resolves once `condition` is true, with what it returned. Rejects after 50 seconds. */
export function eventuallyTrue<Result>(condition: () => Result | Promise<Result>) {
  return vi.waitUntil(condition, patience);
}
