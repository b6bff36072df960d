import { vi } from "vitest";

/** Resolves once `check` throws no more. It takes as long as the machine needs; a hang is told. */
export function eventually<Result>(check: () => Result | Promise<Result>): Promise<Result> {
  return vi.waitFor(check, { timeout: 20_000, interval: 20 });
}
