import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import {
  ends,
  listenerOf,
  type MakeLogs,
  openLogs,
  openStream,
  stop,
  write,
} from "./logs-under-test.ts";
import { eventually } from "@gatestream/testing/eventually";

export function testClaiming(makeLogs: MakeLogs): void {
  test("the first stream that claims a key has it, here and there", async () => {
    const logs = await openLogs(makeLogs);
    const [first, second] = [await openStream(logs), await openStream(logs)];
    const [key, otherKey] = [randomUUID(), randomUUID()];
    expect(await logs.here.claim(key, first.streamId)).toBe(first.streamId);
    for (const end of ends) {
      expect(await logs[end].claim(key, second.streamId)).toBe(first.streamId);
      expect(await logs[end].claim(key, first.streamId)).toBe(first.streamId);
    }
    expect(await logs.there.claim(otherKey, second.streamId)).toBe(second.streamId);
  });

  test("of concurrent claims one wins, and all get the same answer", async () => {
    const logs = await openLogs(makeLogs);
    const streams = await Promise.all(Array.from({ length: 10 }, () => openStream(logs)));
    const ids = streams.map(({ streamId }) => streamId);
    const key = randomUUID();
    const answers = await Promise.all(
      ids.flatMap((id) => ends.map((end) => logs[end].claim(key, id))),
    );
    expect(new Set(answers).size).toBe(1);
    expect(ids).toContain(answers[0]);
  });

  test("a key may be claimed before its stream begins", async () => {
    const logs = await openLogs(makeLogs);
    const [key, streamId] = [randomUUID(), randomUUID()];
    expect(await logs.here.claim(key, streamId)).toBe(streamId);
    await logs.here.create(streamId, { subject: "ada" }, listenerOf());
    expect(await logs.there.claim(key, randomUUID())).toBe(streamId);
  });

  test("a key is free again when its stream is forgotten, and not before", async () => {
    const logs = await openLogs(makeLogs, { retainClosedMs: 100 });
    const [key, runningKey] = [randomUUID(), randomUUID()];
    const [running, first, second] = [
      await openStream(logs),
      await openStream(logs),
      await openStream(logs),
    ];
    await logs.here.claim(runningKey, running.streamId);
    await logs.here.claim(key, first.streamId);
    await write(first.writer, [stop]);
    await eventually(async () => {
      const wasKept = (await logs.there.find(first.streamId)) !== undefined;
      const holder = await logs.there.claim(key, second.streamId);
      if (holder === first.streamId) expect.fail("it is still taken");
      expect(holder).toBe(second.streamId);
      if (wasKept) expect(await logs.there.find(first.streamId)).toBeUndefined();
    });
    expect(await logs.there.claim(runningKey, second.streamId)).toBe(running.streamId);
  });

  test.each(ends)(
    "a key that is released %s is free, and stays with who claims it next",
    async (end) => {
      const logs = await openLogs(makeLogs, { retainClosedMs: 100 });
      const [key, otherKey] = [randomUUID(), randomUUID()];
      const [first, second] = [await openStream(logs), await openStream(logs)];
      await logs.here.claim(key, first.streamId);
      await logs.here.claim(otherKey, first.streamId);
      await logs[end].release(key);
      await logs[end].release("a key that nobody has claimed");
      expect(await logs.here.claim(key, second.streamId)).toBe(second.streamId);
      expect(await logs.there.claim(otherKey, second.streamId)).toBe(first.streamId);
      await write(first.writer, [stop]);
      await eventually(async () => expect(await logs.there.find(first.streamId)).toBeUndefined());
      expect(await logs[end].claim(key, randomUUID())).toBe(second.streamId);
    },
  );
}
