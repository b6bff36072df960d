import type { Lab } from "../lab.ts";
import { monotonicMicroseconds } from "../measuring/clock.ts";
import { cpuNanoseconds } from "../measuring/process-usage.ts";

/** What a piece of work cost. */
export interface Spent<Result> {
  readonly result: Result;
  /** Of what was measured; not a number without a process. */
  readonly cpuMicroseconds: number;
  /** How busy the processes were that measure, of one core. */
  readonly loadPercent: number;
  readonly upstreamPercent: number;
}

/** Runs `work` and measures the CPU time of `processId` meanwhile, and that of the measuring processes. */
export async function spent<Result>(
  lab: Lab,
  processId: number,
  work: () => Promise<Result>,
): Promise<Spent<Result>> {
  const account = (): Promise<number[]> =>
    Promise.all(
      [processId, lab.loadProcessId, lab.upstreamProcessId].map((id) =>
        id === 0 ? Number.NaN : cpuNanoseconds(id),
      ),
    );
  const before = await account();
  const startedAt = monotonicMicroseconds();
  const result = await work();
  const elapsed = monotonicMicroseconds() - startedAt;
  const after = await account();
  const cpu = (index: number): number =>
    ((after[index] ?? Number.NaN) - (before[index] ?? Number.NaN)) / 1e3;
  return {
    result,
    cpuMicroseconds: cpu(0),
    loadPercent: (100 * cpu(1)) / elapsed,
    upstreamPercent: (100 * cpu(2)) / elapsed,
  };
}
