import { describe, expect, onTestFinished, test } from "vitest";
import { startRedis, whyNoRedis } from "@gatestream/testing/redis-server";
import { redisUnderTest } from "./connection/testing/redis-under-test.ts";
import { redisAudit } from "./redis-audit.ts";

const record = (streamId: string) =>
  ({
    type: "started",
    at: "2026-01-01T00:00:00.000Z",
    streamId,
    requestId: "r-1",
    subject: "ann",
    configurationId: "cfg-1",
    transport: "http",
  }) as const;

describe.skipIf(whyNoRedis)(`the record in Redis ${whyNoRedis ?? ""}`, () => {
  test("each record is an entry of the stream, in order; one that failed is written when Redis is back", async () => {
    await using server = await startRedis();
    const sink = redisAudit({ url: server.url });
    onTestFinished(() => sink.close());
    await sink.write([record("s-1"), record("s-2")]);
    await server.kill();
    await expect(sink.write([record("s-3")])).rejects.toThrow();
    await server.restart();
    const { redis, untilReady } = redisUnderTest(server.url);
    await untilReady();
    await expect
      .poll(() => sink.write([record("s-3")]).then(() => "written", String), { timeout: 50_000 })
      .toBe("written");
    const entries = await redis.run((client) => client.xRange("gatestream:audit", "-", "+"));
    // This server keeps nothing over its restart.
    expect(entries?.map(({ message }) => JSON.parse(String(message["record"])))).toEqual([
      record("s-3"),
    ]);
  });
});
