import { describe, expect, test } from "vitest";
import { redisUnderTest } from "../../../relay-redis/src/connection/testing/redis-under-test.ts";
import { ask, refusalIn, replyTo } from "@gatestream/testing/ask";
import { eventually } from "@gatestream/testing/eventually";
import { whyNoRedis } from "@gatestream/testing/redis-server";
import { createReader, type ResumingReader } from "@gatestream/testing/resuming-reader";
import { settledHeap } from "@gatestream/testing/settled-heap";
import { startTwoRelays, type TwoRelays } from "@gatestream/testing/two-relays";
import { askForWhole, expectWhole, lastId } from "@gatestream/testing/whole-answer";

const held = { gateway: { hold: "pieces" } } as const;
const headers = { "Idempotency-Key": "my-key-0123456789" };

/** Asks with the key until the relay takes the request; 503 says when to try again. */
async function startWithKey(streamUrl: string): Promise<ResumingReader> {
  return eventually(async () => {
    const reader = createReader();
    const { statusCode } = await reader.open(ask(streamUrl, askForWhole, { headers }));
    expect(statusCode).toBe(200);
    return reader;
  });
}

/** Redis knows the scripts: from now on one request claims a key. */
async function claimOtherKey({ here, gateway }: TwoRelays): Promise<void> {
  const reader = createReader();
  await reader.open(
    ask(here.streamUrl, askForWhole, { headers: { "Idempotency-Key": "other-key-0123456789" } }),
  );
  await gateway.release(lastId);
  await reader.readToEnd();
}

describe.skipIf(whyNoRedis)(`an idempotency key on Redis ${whyNoRedis ?? ""}`, () => {
  test("starts its stream although the response to its claim is lost", async () => {
    await using relays = await startTwoRelays(held);
    const { here, there, link, gateway } = relays;
    await claimOtherKey(relays);
    const isLost = link.loseResponseTo(":claim:");
    const first = createReader();
    const opening = first.open(ask(here.streamUrl, askForWhole, { headers }));
    await isLost;
    expect((await opening).statusCode).toBe(200);
    const retry = await startWithKey(there.streamUrl);
    expect(retry.streamId).toBe(first.streamId);
    await gateway.release(lastId);
    await Promise.all([first.readToEnd(), retry.readToEnd()]);
    expectWhole(first);
    expectWhole(retry);
    expect(gateway.chatCount).toBe(2);
  });

  test("is released when the relay stays without Redis, so that a retry asks the gateway", async () => {
    await using relays = await startTwoRelays(held);
    const { here, there, link, gateway } = relays;
    await claimOtherKey(relays);
    const isLost = link.loseResponseTo(":claim:", { isCut: true });
    const refused = replyTo(ask(here.streamUrl, askForWhole, { headers }));
    await isLost;
    // A limit of the wait that only weak references hold would never come.
    await settledHeap();
    const refusal = await refused;
    expect([refusal.status, refusalIn(refusal).code]).toEqual([503, "overloaded"]);
    link.restore();
    const under = redisUnderTest(relays.redis.url);
    await under.untilReady();
    // Of the two keys the other one is left.
    await eventually(async () => {
      expect(await under.redis.run((client) => client.keys("*:claim:*"))).toHaveLength(1);
    });
    const retry = await startWithKey(there.streamUrl);
    await gateway.release(lastId);
    await retry.readToEnd();
    expectWhole(retry);
    expect(gateway.chatCount).toBe(2);
  });

  test.each<[string, (relays: TwoRelays) => Promise<unknown>]>([
    ["restarted empty", ({ redis }) => redis.restart()],
    [
      "was flushed",
      async ({ redis }) => {
        const under = redisUnderTest(redis.url);
        await under.untilReady();
        await under.redis.run((client) => client.flushAll());
      },
    ],
  ])("is free again after Redis %s, and the running stream goes on", async (_, loseData) => {
    await using relays = await startTwoRelays(held);
    const { here, there, gateway } = relays;
    const first = createReader();
    await first.open(ask(here.streamUrl, askForWhole, { headers }));
    await gateway.release(3);
    await first.readTo(3);
    await loseData(relays);
    const second = await startWithKey(there.streamUrl);
    expect(second.streamId).not.toBe(first.streamId);
    await gateway.release(lastId);
    await gateway.release(lastId);
    await Promise.all([first.readToEnd(), second.readToEnd()]);
    expectWhole(first);
    expectWhole(second);
    expect(gateway.chatCount).toBe(2);
  });
});
