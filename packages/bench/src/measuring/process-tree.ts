import { readdir, readFile } from "node:fs/promises";

/** A process and all that it started, as far as they still run. */
export async function processTree(rootId: number): Promise<number[]> {
  const found = [rootId];
  for (const processId of found) found.push(...(await childrenOf(processId)));
  return found;
}

async function childrenOf(processId: number): Promise<number[]> {
  const lists = await Promise.all(
    (await threadsOf(processId)).map((thread) => readOrEmpty(`${thread}/children`)),
  );
  return lists.flatMap((list) => list.split(" ").filter(Boolean).map(Number));
}

/** Folders of the process's threads; none once it has ended. */
export async function threadsOf(processId: number): Promise<string[]> {
  const folder = `/proc/${processId}/task`;
  const threads = await readdir(folder).catch(() => []);
  return threads.map((thread) => `${folder}/${thread}`);
}

/** Empty when the process or thread has ended meanwhile. */
export function readOrEmpty(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}
