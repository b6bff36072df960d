import { EventEmitter, once } from "node:events";
import { describe, expect, test } from "vitest";
import { createMemoryLog } from "../../src/log/memory-log.ts";
import { redisUnderTest } from "../../../relay-redis/src/connection/testing/redis-under-test.ts";
import { ask, question, refusalIn, replyTo } from "@gatestream/testing/ask";
import { eventually } from "@gatestream/testing/eventually";
import { startHeldGateway } from "@gatestream/testing/held-gateway";
import { whyNoRedis, type RedisServer } from "@gatestream/testing/redis-server";
import { startRelay } from "@gatestream/testing/relay-under-test";
import { createReader, streamAt } from "@gatestream/testing/resuming-reader";
import { describeEachLog, startRelays, startTwoRelays } from "@gatestream/testing/two-relays";
import { askForWhole, expectWhole, lastId } from "@gatestream/testing/whole-answer";

const refused = { ...question("/scenario bad-request"), onDisconnect: "detach" };
const key = (name: string) => ({ headers: { "Idempotency-Key": `${name}-0123456789abcdef` } });

/** Lists what Redis has of streams: events, facts, idempotency keys and lists of ended streams. */
async function watchKeys({ url }: RedisServer): Promise<() => Promise<readonly string[]>> {
  const { redis, untilReady } = redisUnderTest(url);
  await untilReady();
  return async () => {
    const keys = await redis.run((client) => client.keys("*"));
    return keys.filter((name) => /:(?:log|meta|readers|claim|kept)\b/.test(name)).toSorted();
  };
}

describe.skipIf(whyNoRedis)(`of a start that is refused ${whyNoRedis ?? ""}`, () => {
  test.each([
    ["by the gateway", {}],
    ["by the gateway, with an idempotency key", key("mine")],
  ])("%s Redis keeps nothing", async (_, options) => {
    await using relays = await startTwoRelays({ firstByteGraceMs: 60_000 });
    const { here, redis } = relays;
    const keys = await watchKeys(redis);
    const reply = await replyTo(ask(here.streamUrl, refused, options));
    expect(reply.status).toBe(400);
    await eventually(async () => expect(await keys()).toEqual([]));
  });

  test("because its subject has too many streams Redis keeps nothing", async () => {
    await using relays = await startTwoRelays({
      maxStreamsPerSubject: 1,
      gateway: { hold: "pieces" },
    });
    const { here, redis, gateway } = relays;
    const running = createReader();
    await running.open(ask(here.streamUrl, askForWhole));
    const keys = await watchKeys(redis);
    const before = await keys();
    const reply = await replyTo(ask(here.streamUrl, askForWhole, key("mine")));
    expect([reply.status, refusalIn(reply).code]).toEqual([429, "rate_limited"]);
    await eventually(async () => expect(await keys()).toEqual(before));
    await gateway.release(lastId);
    await running.readToEnd();
    expectWhole(running);
  });
});

test("a retry that joined a start which is refused then receives the refusal", async () => {
  await using gateway = await startHeldGateway({ hold: "chat" });
  const log = createMemoryLog({
    maxLogBytes: 1_048_576,
    maxTotalLogBytes: 1_048_576,
    retainClosedMs: 600_000,
  });
  const claims = new EventEmitter();
  await using under = await startRelay({
    maxStreamsPerSubject: 1,
    genesys: { loginUrl: gateway.url, apiUrl: gateway.url },
    log: {
      ...log,
      async claim(name, streamId) {
        const holder = await log.claim(name, streamId);
        if (holder === streamId) {
          // The key is bound: a retry finds the stream before its start goes on.
          const goOn = once(claims, "goOn");
          claims.emit("bound");
          await goOn;
        }
        return holder;
      },
    },
  });
  ask(under.streamUrl, question("Hello"));
  await gateway.emulator.waitFor(({ kind }) => kind === "token");
  const isBound = once(claims, "bound");
  const starting = replyTo(ask(under.streamUrl, askForWhole, key("mine")));
  await isBound;
  const retry = createReader();
  await retry.open(ask(under.streamUrl, askForWhole, key("mine")));
  await retry.readToNotice("start");
  claims.emit("goOn");
  const refusal = await starting;
  expect([refusal.status, refusalIn(refusal).code]).toEqual([429, "rate_limited"]);
  await retry.readToEnd();
  expect(retry.events.at(-1)?.event).toMatchObject({ type: "error", code: "rate_limited" });
});

describeEachLog("ended streams of one subject", (kind) => {
  test("are kept up to maxKeptStreamsPerSubject, the newest, with their keys", async () => {
    await using relays = await startRelays(kind, { maxKeptStreamsPerSubject: 2 });
    const { here, there, gateway } = relays;
    const ids: string[] = [];
    for (const name of ["first", "second", "third"]) {
      const reader = createReader();
      await reader.open(ask(here.streamUrl, askForWhole, key(name)));
      await reader.readToEnd();
      expectWhole(reader);
      ids.push(reader.streamId);
    }
    const statuses = async (url: string): Promise<readonly number[]> =>
      Promise.all(
        ids.map(async (id) => {
          const reader = createReader(id);
          const { statusCode = 0 } = await reader.comeBack(url);
          await reader.readToEnd();
          return statusCode;
        }),
      );
    await eventually(async () => expect(await statuses(there.url)).toEqual([404, 200, 200]));
    expect(await statuses(here.url)).toEqual([404, 200, 200]);
    const again = createReader();
    await again.open(ask(there.streamUrl, askForWhole, key("third")));
    expect(again.streamId).toBe(ids[2]);
    await again.readToEnd();
    expect(gateway.chatCount).toBe(3);
    const anew = createReader();
    await anew.open(ask(there.streamUrl, askForWhole, key("first")));
    expect(anew.streamId).not.toBe(ids[0]);
    await anew.readToEnd();
    expect(gateway.chatCount).toBe(4);
  });

  test("count also when they are ended by another hand than their writer's", async () => {
    await using relays = await startRelays(kind, {
      maxKeptStreamsPerSubject: 1,
      gateway: { hold: "pieces" },
    });
    const { here, there } = relays;
    const ids = [];
    for (let count = 0; count < 2; count += 1) {
      const reader = createReader();
      await reader.open(ask(here.streamUrl, askForWhole));
      const target = streamAt(there.url, reader.streamId);
      await replyTo(ask(target, undefined, { method: "DELETE" }));
      await reader.readToEnd();
      ids.push(reader.streamId);
    }
    const [first = "", second = ""] = ids;
    await eventually(async () => {
      expect((await createReader(first).comeBack(there.url)).statusCode).toBe(404);
    });
    expect((await createReader(second).comeBack(there.url)).statusCode).toBe(200);
  });
});
