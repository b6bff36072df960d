import { describe, expect, test } from "vitest";
import { settingTable } from "../../../relay/src/settings/setting-table.ts";
import { deferred } from "../../../relay/src/testing/deferred.ts";
import { ask } from "@gatestream/testing/ask";
import { eventually } from "@gatestream/testing/eventually";
import { startHeldGateway } from "@gatestream/testing/held-gateway";
import { watchHandles } from "@gatestream/testing/open-handles";
import { startRedis, whyNoRedis } from "@gatestream/testing/redis-server";
import { startRelay } from "@gatestream/testing/relay-under-test";
import { createReader } from "@gatestream/testing/resuming-reader";
import { untilReady } from "@gatestream/testing/two-relays";
import { askForWhole, expectWhole } from "@gatestream/testing/whole-answer";
import { redisLog } from "./open-redis-log.ts";
import { defaults } from "./stream-store.ts";

const openHandles = watchHandles();

describe.skipIf(whyNoRedis)(`a log in Redis that a host hands in ${whyNoRedis ?? ""}`, () => {
  test("is shared by relays, and closed with them", async () => {
    await using gateway = await startHeldGateway({ hold: "pieces" });
    const genesys = { loginUrl: gateway.url, apiUrl: gateway.url };
    await using redis = await startRedis();
    const before = await openHandles();
    {
      await using here = await startRelay({ log: redisLog({ url: redis.url }), genesys });
      await using there = await startRelay({ log: redisLog({ url: redis.url }), genesys });
      await Promise.all([untilReady(here.url), untilReady(there.url)]);
      const reader = createReader();
      await reader.open(ask(here.streamUrl, askForWhole));
      await gateway.release(3);
      await reader.readTo(3);
      reader.cut();
      await reader.comeBack(there.url);
      await gateway.release(100);
      await reader.readToEnd();
      expectWhole(reader);
    }
    await eventually(async () => expect(await openHandles()).toEqual(before));
  });

  test("reports to the relay's observer that Redis is there, and that it is lost", async () => {
    await using redis = await startRedis();
    const log = redisLog({ url: redis.url });
    await using relay = await startRelay({ log });
    await relay.untilObserved("redis_ready");
    await redis.kill();
    const { failure } = await relay.untilObserved("redis_lost");
    expect(String(failure)).toMatch(/^Error: Redis is away: /);
  });

  test("reports that Redis is there, and that it is lost", async () => {
    await using redis = await startRedis();
    const ready = deferred();
    const lost = deferred<Error>();
    const log = redisLog({ url: redis.url, onReady: ready.resolve, onLost: lost.resolve });
    await ready.promise;
    expect(log.isReady).toBe(true);
    await redis.kill();
    expect((await lost.promise).message).toMatch(/^Redis is away: /);
    expect(log.isReady).toBe(false);
    await log.close();
  });
});

test("keeps as much by default as with a relay's settings", () => {
  const names = ["maxLogBytes", "maxKeptStreamsPerSubject", "retainClosedMs"] as const;
  const settings = names.map((name) => [name, settingTable[name].default]);
  expect(defaults).toMatchObject(Object.fromEntries(settings));
});
