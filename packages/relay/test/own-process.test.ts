import { describe, expect, test } from "vitest";
import { ask, refusalIn, replyTo } from "./ask.ts";
import { startHeldGateway } from "./held-gateway.ts";
import { startProcess } from "./own-process.ts";
import type { RelayProcessOptions } from "./processes/relay.ts";
import { startRedis, whyNoRedis } from "./redis-server.ts";
import { createReader } from "./resuming-reader.ts";
import { askForWhole, lastId } from "./whole-answer.ts";

const genesys = (url: string) => ({
  clientId: "demo-client",
  clientSecret: "demo-secret",
  loginUrl: url,
  apiUrl: url,
});

describe.skipIf(whyNoRedis)(`a process that embeds a relay on Redis ${whyNoRedis ?? ""}`, () => {
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
