import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { isRelayError } from "../../errors.ts";
import {
  cancelled,
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
  write,
} from "./logs-under-test.ts";

export function testCancelling(makeLogs: MakeLogs): void {
  describe.each(ends)("from %s", (end) => {
    test("every reader and the writer are notified", async () => {
      const { streamId, writer, closed, ...logs } = await openStream(await openLogs(makeLogs));
      const readers = [await follow(logs.here, streamId), await follow(logs.there, streamId)];
      await write(writer, [token("a")]);
      for (const reader of readers) await take(reader, 1);
      expect(closed.aborted).toBe(false);
      const isClosed = once(closed, "abort");
      await logs[end].cancel(streamId);
      await isClosed;
      expect(isRelayError(closed.reason)).toBe(false);
      await write(writer, [token("late")], [stop]);
      for (const reader of readers) expect(await take(reader)).toEqual(numbered([cancelled], 2));
      const all = numbered([token("a"), cancelled]);
      expect(await readAll(logs.here, streamId)).toEqual(all);
      expect(await readAll(logs.there, streamId)).toEqual(all);
      expect(await logs[end].find(streamId)).toMatchObject({ lastId: 2, isClosed: true });
    });

    test("twice, or when it has ended: the stream stays as it is", async () => {
      const logs = await openLogs(makeLogs);
      const [twice, ended] = [await openStream(logs), await openStream(logs)];
      await Promise.all([logs[end].cancel(twice.streamId), logs.here.cancel(twice.streamId)]);
      await logs[end].cancel(twice.streamId);
      expect(await readAll(logs[end], twice.streamId)).toEqual(numbered([cancelled]));
      await write(ended.writer, [token("a"), stop]);
      await logs[end].cancel(ended.streamId);
      expect(await readAll(logs[end], ended.streamId)).toEqual(numbered([token("a"), stop]));
      expect(ended.closed.aborted).toBe(false);
    });

    test("of an unknown stream: nothing happens", async () => {
      const logs = await openLogs(makeLogs);
      const streamId = randomUUID();
      await logs[end].cancel(streamId);
      expect(await logs[end].find(streamId)).toBeUndefined();
    });
  });
}
