import { vi } from "vitest";

/** Resolves once `check` no longer throws. Rejects with its last error after 50 seconds. */
export function eventually<Result>(check: () => Result | Promise<Result>): Promise<Result> {
  return vi.waitFor(check, { timeout: 50_000, interval: 20 });
}
