import { describe, expect, test } from "vitest";
import { createRedisLog } from "../../../relay-redis/src/log/redis-log.ts";
import { redisUnderTest } from "../../../relay-redis/src/connection/testing/redis-under-test.ts";
import { ask, refusalIn, replyTo } from "@gatestream/testing/ask";
import { startFaultProxy } from "@gatestream/testing/fault-proxy";
import { startHeldGateway } from "@gatestream/testing/held-gateway";
import { startProcess } from "@gatestream/testing/own-process";
import type { RelayProcessOptions } from "@gatestream/testing/processes/relay";
import { startRedis, whyNoRedis } from "@gatestream/testing/redis-server";
import { startRelay } from "@gatestream/testing/relay-under-test";
import { createReader } from "@gatestream/testing/resuming-reader";
import { askForWhole, lastId } from "@gatestream/testing/whole-answer";

/** How long a relay may be silent before other relays end its streams. */
const leaseMs = 3_000;

const genesys = (url: string) => ({
  clientId: "demo-client",
  clientSecret: "demo-secret",
  loginUrl: url,
  apiUrl: url,
});

describe.skipIf(whyNoRedis)(`a process that embeds a relay on Redis ${whyNoRedis ?? ""}`, () => {
  test.each([
    ["before the gateway's end arrives", false],
    ["when Redis has not taken the end yet", true],
  ])("that is stopped %s and continued ends the stream as other relays do", async (_, isSent) => {
    await using redis = await startRedis();
    await using link = await startFaultProxy(Number(new URL(redis.url).port));
    await using gateway = await startHeldGateway({ hold: "pieces" });
    const options: RelayProcessOptions = {
      relay: { port: 0, genesys: genesys(gateway.url) },
      // What was sent before the stop is overdue when the lease has lapsed.
      log: { url: `redis://127.0.0.1:${link.port}`, leaseMs, commandTimeoutMs: 0.6 * leaseMs },
    };
    await using host = await startProcess("relay", options);
    const hostUrl = String((await host.until(({ type }) => type === "listening"))["url"]);
    await host.until(({ type }) => type === "redis_ready");
    const other = redisUnderTest(redis.url);
    await other.untilReady();
    const limits = { maxLogBytes: 1_048_576, retainClosedMs: 600_000 };
    await using elsewhere = await startRelay({
      log: createRedisLog(other.redis, { leaseMs, ...limits }),
    });
    const own = createReader();
    await own.open(ask(`${hostUrl}/api/llm/stream`, askForWhole));
    await gateway.release(3);
    await own.readTo(3);
    const remote = createReader(own.streamId);
    await remote.comeBack(elsewhere.url);
    await remote.readTo(3);
    if (isSent) {
      link.freeze();
      await gateway.release(lastId);
      await own.readTo(lastId - 1);
    }
    host.child.kill("SIGSTOP");
    await remote.readToEnd();
    expect(remote.events.at(-1)?.event).toMatchObject({ type: "error", code: "producer_lost" });
    if (!isSent) await gateway.release(lastId);
    link.restore();
    host.child.kill("SIGCONT");
    await own.readToEnd();
    expect(own.events.at(-1)?.event).toMatchObject({ type: "error", code: "producer_lost" });
    expect(own.events.filter(({ event }) => event.type === "stop")).toEqual([]);
  });

  test.each([
    ["Redis is there", false],
    ["Redis has stopped", true],
  ])("ends by itself after close, when %s and starts were refused meanwhile", async (_, isAway) => {
    await using redis = await startRedis();
    await using gateway = await startHeldGateway({ hold: "pieces" });
    const options: RelayProcessOptions = {
      relay: {
        port: 0,
        redisUrl: redis.url,
        shutdownGraceMs: 600_000,
        genesys: genesys(gateway.url),
      },
    };
    await using host = await startProcess("relay", options);
    const url = String((await host.until(({ type }) => type === "listening"))["url"]);
    await host.until(({ type }) => type === "redis_ready");
    const running = createReader();
    await running.open(ask(`${url}/api/llm/stream`, askForWhole));
    if (isAway) {
      await redis.kill();
      await host.until(({ type }) => type === "redis_lost");
    }
    host.send("close");
    await host.until(({ type }) => type === "closing");
    for (const headers of [
      {},
      { "Idempotency-Key": "my-key-0123456789" },
      { Prefer: "respond-async" },
    ]) {
      const reply = await replyTo(ask(`${url}/api/llm/stream`, askForWhole, { headers }));
      expect([reply.status, refusalIn(reply).code]).toEqual([503, "relay_draining"]);
    }
    await running.readToNotice("reconnect");
    await gateway.release(lastId);
    const { resources } = await host.until(({ type }) => type === "closed");
    const kept = (resources as string[]).filter((name) => !/^(?:Pipe|TTY|FS|Immediate)/.test(name));
    expect(kept).toEqual([]);
    expect(await host.exited).toEqual([0, null]);
  });
});
