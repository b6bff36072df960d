import { open, stat, type FileHandle } from "node:fs/promises";
import type { AuditSink } from "./audit.ts";

/**
 * Appends each record to the file at `path` as one line of JSON, in UTF-8. The file is made where there is
 * none, readable by its owner alone, and opened anew after it was moved away, such as by logrotate.
 * Several processes may write to one file.
 */
export function jsonLines(path: string): AuditSink {
  let file: FileHandle | undefined;
  /** The last line may be only begun. */
  let isTorn = false;

  /** The file at the path, which may be another one by now. */
  async function current(): Promise<FileHandle> {
    if (file !== undefined) {
      const [kept, named] = await Promise.all([file.stat(), stat(path).catch(() => undefined)]);
      if (kept.ino !== named?.ino || kept.dev !== named.dev) await release();
    }
    file ??= await open(path, "a", 0o600);
    return file;
  }

  async function release(): Promise<void> {
    const released = file;
    file = undefined;
    await released?.close();
  }

  return {
    async write(records) {
      const lines = records.map((record) => `${JSON.stringify(record)}\n`).join("");
      try {
        const handle = await current();
        await handle.appendFile(isTorn ? `\n${lines}` : lines);
        await handle.datasync();
        isTorn = false;
      } catch (failure) {
        isTorn = true;
        await release().catch(() => {});
        throw failure;
      }
    },
    close: release,
  };
}
