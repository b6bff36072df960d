import { readdir, readFile } from "node:fs/promises";

export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

/** Each is the smallest sample that at least so many of all do not exceed (nearest rank). */
export function percentiles(samples: readonly number[]): Percentiles {
  const sorted = samples.toSorted((a, b) => a - b);
  const rank = (percent: number): number =>
    sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? Number.NaN;
  return { p50: rank(50), p99: rank(99) };
}

/** Of two middle samples, their mean. Not a number without samples. */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** CPU time that all threads of a process have had so far: what Linux's scheduler gave them. */
export async function cpuMicroseconds(processId: number): Promise<number> {
  const threads = await readdir(`/proc/${processId}/task`);
  // Not utime and stime of `stat`: those count in hundredths of a second.
  const accounts = await Promise.all(
    threads.map((thread) =>
      // A thread may end meanwhile.
      readFile(`/proc/${processId}/task/${thread}/schedstat`, "utf8").catch(() => "0"),
    ),
  );
  return accounts.reduce((sum, account) => sum + Number(account.split(" ")[0]), 0) / 1e3;
}

/** Memory that a process has resident. */
export async function residentBytes(processId: number): Promise<number> {
  const status = await readFile(`/proc/${processId}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}
