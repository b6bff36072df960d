import { vi } from "vitest";

/** Resolves once `check` no longer throws. Rejects with its last error after 20 seconds. */
export function eventually<Result>(check: () => Result | Promise<Result>): Promise<Result> {
  return vi.waitFor(check, { timeout: 20_000, interval: 20 });
}
