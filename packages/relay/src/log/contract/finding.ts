import { expect, test } from "vitest";
import {
  ends,
  listenerOf,
  type MakeLogs,
  numbered,
  openLogs,
  openStream,
  readAll,
  stop,
  token,
  warning,
  write,
} from "./logs-under-test.ts";
import { eventually } from "@gatestream/testing/eventually";

export function testFinding(makeLogs: MakeLogs): void {
  test.each(ends)("what is known of a stream is known %s", async (end) => {
    const { streamId, writer, ...logs } = await openStream(await openLogs(makeLogs));
    const log = logs[end];
    expect(log.isReady).toBe(true);
    expect(writer.isResumable).toBe(true);
    const facts = { subject: "ada", isClosed: false };
    expect(await log.find(streamId)).toEqual({ ...facts, lastId: 0 });
    await write(writer, [token("a"), warning, token("b")], [warning]);
    await eventually(async () => {
      expect(await log.find(streamId)).toEqual({ ...facts, lastId: 2 });
    });
    await write(writer, [stop, token("late")]);
    await eventually(async () => {
      const ended = { ...facts, lastId: 3, isClosed: true, reason: "stop" };
      expect(await log.find(streamId)).toEqual(ended);
    });
    expect(await log.find("nobody")).toBeUndefined();
  });

  test.each(ends)("a second writer %s is refused, and the first goes on", async (end) => {
    const { streamId, writer, ...logs } = await openStream(await openLogs(makeLogs));
    await write(writer, [token("a")]);
    await expect(
      logs[end].create(streamId, { subject: "eve" }, listenerOf()),
    ).rejects.toBeInstanceOf(Error);
    await write(writer, [stop]);
    await expect(
      logs[end].create(streamId, { subject: "eve" }, listenerOf()),
    ).rejects.toBeInstanceOf(Error);
    expect(await readAll(logs[end], streamId)).toEqual(numbered([token("a"), stop]));
    expect(await logs[end].find(streamId)).toMatchObject({ subject: "ada" });
  });
}
