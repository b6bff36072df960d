import { describe, expect, onTestFinished, test } from "vitest";
import type { EmulatorOptions } from "../packages/emulator/src/index.ts";
import { ask, responseTo, textUntil } from "@gatestream/testing/ask";
import { parseStream } from "@gatestream/testing/parse-events";
import { startRedis, whyNoRedis } from "@gatestream/testing/redis-server";
import { startGateway } from "./gatestream.ts";
import { startWorkers, textOf, type WorkersUnderTest } from "./workers-under-test.ts";

async function startWorkersOnRedis(options: EmulatorOptions): Promise<WorkersUnderTest> {
  const redis = await startRedis();
  onTestFinished(() => redis[Symbol.asyncDispose]());
  const gateway = await startGateway(options);
  const under = await startWorkers(gateway, "--resume", "redis", "--redis-url", redis.url);
  for (const worker of [1, 2]) await under.untilLogged({ msg: "redis_ready", worker });
  return under;
}

const detached = { onDisconnect: "detach" };

describe.skipIf(whyNoRedis)("a reader of workers that share Redis", () => {
  test("resumes on any of them without losing or repeating an event", async () => {
    const under = await startWorkersOnRedis({ tokensPerSecond: 50 });
    const { response, streamId, worker } = await under.startStream(detached);
    const before = await textUntil(response, (soFar) => soFar.includes("id: 5\n"));
    response.destroy();
    const had = parseStream(before.slice(0, before.lastIndexOf("\n\n") + 2)).events;
    const cursor = had.at(-1)?.id;

    const url = `${under.url}/api/llm/stream/${streamId}?after=${cursor}`;
    const readers = await Promise.all(
      [1, 2, 3, 4].map(async () => {
        const back = await responseTo(ask(url, undefined, { method: "GET" }));
        expect(back.statusCode).toBe(200);
        const { worker: of } = await under.untilLogged({
          msg: "reader_resumed",
          requestId: back.headers["x-request-id"],
        });
        return { of, ids: idsIn(await textOf(back)) };
      }),
    );
    expect(new Set(readers.map(({ of }) => of))).toEqual(new Set([1, 2]));
    expect([1, 2]).toContain(worker);
    for (const { ids } of readers) {
      expect(ids.length).toBeGreaterThan(5);
      expect(ids).toEqual(ids.map((_, index) => Number(cursor) + index + 1));
    }
  });

  test("receives producer_lost from another when its own was killed", async () => {
    const under = await startWorkersOnRedis({ scenario: "stall" });
    const { response, streamId, loggedId, worker } = await under.startStream(detached);
    await textUntil(response, (soFar) => soFar.includes("id: 8\n"));
    process.kill(await under.pidOf(worker), "SIGKILL");
    await expect(textOf(response)).rejects.toThrow();
    const url = `${under.url}/api/llm/stream/${streamId}?after=8`;
    const back = await responseTo(ask(url, undefined, { method: "GET" }));
    const { events } = parseStream(await textOf(back));
    expect(events.at(-1)).toMatchObject({
      id: "9",
      event: { type: "error", code: "producer_lost" },
    });
    const { worker: other } = await under.untilLogged({
      msg: "reader_resumed",
      streamId: loggedId,
    });
    expect(other).not.toBe(worker);
  });
});

function idsIn(text: string): readonly number[] {
  return parseStream(text).events.flatMap(({ id }) => (id === undefined ? [] : [Number(id)]));
}
