import { startFaultProxy } from "@gatestream/testing/fault-proxy";
import { startRedis, whyNoRedis } from "@gatestream/testing/redis-server";
import { expect, test } from "vitest";
import {
  batchesOf,
  numbered,
  openStream,
  take,
  token,
  write,
} from "../../../relay/src/log/contract/logs-under-test.ts";
import { redisUnderTest } from "../connection/testing/redis-under-test.ts";
import { Mirror } from "./mirror.ts";
import { createStreamStore } from "./stream-store.ts";
import { relayOnRedis } from "./testing/relay-on-redis.ts";

test.skipIf(whyNoRedis)(
  `an event that is written before the subscription has begun is not missed ${whyNoRedis ?? ""}`,
  async () => {
    await using server = await startRedis();
    await using proxy = await startFaultProxy(Number(new URL(server.url).port));
    const relay = await relayOnRedis(server.url);
    const { streamId, writer } = await openStream({ here: relay.log, there: relay.log });
    await write(writer, [token("first")]);

    const direct = redisUnderTest(server.url);
    const late = redisUnderTest(`redis://127.0.0.1:${proxy.port}`);
    await Promise.all([direct.untilReady(), late.untilReady()]);
    proxy.freeze();
    const mirror = new Mirror(streamId, {
      store: createStreamStore(direct.redis, {}),
      subscriber: late.redis,
      maxLogBytes: 1_048_576,
      async onLost() {},
    });
    // Redis answers in order: what the mirror asks for at first has been answered.
    for (let asked = 0; asked < 3; asked += 1) await direct.redis.ping();
    await write(writer, [token("second")]);
    // Redis has it.
    await relay.log.cancel("");
    proxy.restore();

    expect(await mirror.opened).toBe(true);
    const reader = batchesOf((log) => mirror.follow(0, log));
    expect(await take(reader, 2)).toEqual(numbered([token("first"), token("second")]));
    await reader.return?.();
  },
);
