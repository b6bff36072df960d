import { describe, expect, test } from "vitest";
import {
  ends,
  follow,
  type MakeLogs,
  numbered,
  openLogs,
  openStream,
  readAll,
  stop,
  take,
  token,
  tryToFollow,
  write,
} from "./logs-under-test.ts";
import { eventually } from "@gatestream/testing/eventually";

const done = { done: true, value: undefined };

export function testReaders(makeLogs: MakeLogs): void {
  test("many read at once, here and there, and all get the same", async () => {
    const { streamId, writer, here, there } = await openStream(await openLogs(makeLogs));
    const readings = Array.from({ length: 100 }, () => [
      readAll(here, streamId),
      readAll(there, streamId),
    ]);
    const contents = Array.from({ length: 50 }, (_, index) => token(String(index)));
    for (const one of contents) await write(writer, [one]);
    await write(writer, [stop]);
    const all = await Promise.all(readings.flat());
    for (const events of all) expect(events).toEqual(numbered([...contents, stop]));
  });

  test("a reader that does not read does not block others", async () => {
    const { streamId, writer, here, there } = await openStream(await openLogs(makeLogs));
    const idle = [await follow(here, streamId), await follow(there, streamId)];
    await write(writer, [token("a")], [token("b")], [stop]);
    const all = numbered([token("a"), token("b"), stop]);
    expect(await readAll(here, streamId)).toEqual(all);
    expect(await readAll(there, streamId)).toEqual(all);
    for (const reader of idle) expect(await take(reader)).toEqual(all);
  });

  describe.each(ends)("a reader %s", (end) => {
    test("that has left before it came gets nothing", async () => {
      const { streamId, writer, ...logs } = await openStream(await openLogs(makeLogs));
      await write(writer, [token("a")]);
      const signal = AbortSignal.abort();
      expect(await take(await follow(logs[end], streamId, { signal }))).toEqual([]);
    });

    test("that leaves while it waits gets nothing more", async () => {
      const { streamId, writer, ...logs } = await openStream(await openLogs(makeLogs));
      const leaving = new AbortController();
      const stays = readAll(logs[end], streamId);
      const reader = await follow(logs[end], streamId, { signal: leaving.signal });
      await write(writer, [token("a")]);
      await take(reader, 1);
      const waiting = reader.next();
      leaving.abort();
      expect(await waiting).toEqual(done);
      expect(await reader.next()).toEqual(done);
      await write(writer, [stop]);
      expect(await stays).toEqual(numbered([token("a"), stop]));
    });

    test("of an unknown stream gets undefined", async () => {
      const logs = await openLogs(makeLogs);
      expect(await tryToFollow(logs[end], "nobody")).toBeUndefined();
    });
  });

  test("readers on another relay are known where the stream is written", async () => {
    const { streamId, here, there } = await openStream(await openLogs(makeLogs));
    expect(await here.hasReadersElsewhere("nobody")).toBe(false);
    expect(await here.hasReadersElsewhere(streamId)).toBe(false);
    const ownReader = await follow(here, streamId);
    const reader = await follow(there, streamId);
    void reader.next();
    await eventually(async () => {
      expect(await here.hasReadersElsewhere(streamId)).toBe(here !== there);
    });
    await reader.return?.();
    await eventually(async () => {
      expect(await here.hasReadersElsewhere(streamId)).toBe(false);
    });
    // One that comes and goes has been there just now.
    expect(await here.hasReadersElsewhere(streamId, 60_000)).toBe(here !== there);
    await eventually(async () => {
      expect(await here.hasReadersElsewhere(streamId, 1)).toBe(false);
    });
    await ownReader.return?.();
  });
}
