import { processTree, readOrEmpty, threadsOf } from "./process-tree.ts";

/**
 * CPU time that a process, with all its threads and children, has had so far, in nanoseconds: what
 * Linux's scheduler gave it.
 */
export async function cpuNanoseconds(rootId: number): Promise<number> {
  const perProcess = await Promise.all((await processTree(rootId)).map(threadsOf));
  // Not utime and stime of `stat`: those count in hundredths of a second.
  const accounts = await Promise.all(
    perProcess.flat().map((thread) => readOrEmpty(`${thread}/schedstat`)),
  );
  const total = accounts.reduce((sum, account) => sum + Number(account.split(" ")[0]), 0);
  if (total === 0) throw new Error("There is no /proc/<pid>/schedstat: this needs Linux.");
  return total;
}

/** Memory that a process and its children have resident, in bytes. */
export async function residentBytes(rootId: number): Promise<number> {
  const statuses = await Promise.all(
    (await processTree(rootId)).map((processId) => readOrEmpty(`/proc/${processId}/status`)),
  );
  return statuses.reduce((sum, status) => sum + residentOf(status), 0);
}

function residentOf(status: string): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}
