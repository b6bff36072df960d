import { mkdtemp, readFile, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { AuditRecord } from "./audit.ts";
import { jsonLines } from "./json-lines.ts";

async function newPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "gatestream-audit-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, "audit.jsonl");
}

function record(streamId: string): AuditRecord {
  return {
    type: "started",
    at: "2026-01-01T00:00:00.000Z",
    streamId,
    requestId: "r-1",
    subject: "Zoë\n",
    configurationId: "cfg-1",
    transport: "http",
  };
}

async function recordsIn(path: string): Promise<unknown[]> {
  const text = await readFile(path, "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

test("each record is a line, behind those that are there", async () => {
  const path = await newPath();
  for (const [first, second] of [
    ["s-1", "s-2"],
    ["s-3", "s-4"],
  ] as const) {
    const sink = jsonLines(path);
    await sink.write([record(first)]);
    await sink.write([record(second)]);
    await sink.close();
  }
  expect(await recordsIn(path)).toEqual(["s-1", "s-2", "s-3", "s-4"].map(record));
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("a file that was moved away is begun anew", async () => {
  const path = await newPath();
  const sink = jsonLines(path);
  onTestFinished(() => sink.close());
  await sink.write([record("s-1")]);
  await rename(path, `${path}.1`);
  await sink.write([record("s-2")]);
  await rm(path);
  await sink.write([record("s-3")]);
  expect(await recordsIn(`${path}.1`)).toEqual([record("s-1")]);
  expect(await recordsIn(path)).toEqual([record("s-3")]);
});

test("processes may write to one file", async () => {
  const path = await newPath();
  const sinks = [jsonLines(path), jsonLines(path)];
  const names = Array.from({ length: 100 }, (_, at) => `s-${at}`);
  await Promise.all(
    names.map((name, at) => sinks[at % 2]?.write([record(name), record(`${name}-b`)])),
  );
  for (const sink of sinks) await sink.close();
  const kept = (await recordsIn(path)) as AuditRecord[];
  expect(kept.map(({ streamId }) => streamId).toSorted()).toEqual(
    names.flatMap((name) => [name, `${name}-b`]).toSorted(),
  );
});

test("a file that cannot be written fails, and is tried anew", async () => {
  const path = await newPath();
  const sink = jsonLines(join(path, "not-a-folder", "audit.jsonl"));
  await expect(sink.write([record("s-1")])).rejects.toMatchObject({ code: "ENOENT" });
  await expect(jsonLines("/dev/full").write([record("s-1")])).rejects.toMatchObject({
    code: "ENOSPC",
  });
});
