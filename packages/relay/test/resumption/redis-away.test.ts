import { describe, expect, test } from "vitest";
import { redisUnderTest } from "../../../relay-redis/src/connection/testing/redis-under-test.ts";
import { ask, refusalIn, replyTo } from "@gatestream/testing/ask";
import { parseStream } from "@gatestream/testing/parse-events";
import { whyNoRedis } from "@gatestream/testing/redis-server";
import { createReader, streamAt, type ResumingReader } from "@gatestream/testing/resuming-reader";
import {
  readiness,
  startTwoRelays,
  untilReady,
  type TwoRelays,
} from "@gatestream/testing/two-relays";
import { askForWhole, expectWhole, lastId, noticesOf } from "@gatestream/testing/whole-answer";
import { eventually } from "@gatestream/testing/eventually";

const held = { gateway: { hold: "pieces" } } as const;
const get = { method: "GET" };
/** A reader of a new stream that has had three events of it. */
async function startReader({ here, gateway }: TwoRelays): Promise<ResumingReader> {
  const reader = createReader();
  await reader.open(ask(here.streamUrl, askForWhole));
  await gateway.release(3);
  await reader.readTo(3);
  return reader;
}

/** Ends the server, and waits until both relays know. */
async function loseRedis({ redis, here, there }: TwoRelays): Promise<void> {
  await redis.kill();
  for (const { url } of [here, there]) {
    await eventually(async () => {
      expect(await readiness(url)).toEqual([200, '{"status":"degraded","reason":"log_away"}']);
    });
  }
}

async function bringRedisBack({ redis, here, there }: TwoRelays): Promise<void> {
  await redis.restart();
  await Promise.all([untilReady(here.url), untilReady(there.url)]);
}

/** Reconnects to a relay that may have to load the stream anew. */
async function comeBackSoon(reader: ResumingReader, url: string): Promise<void> {
  await eventually(async () => {
    const probe = createReader(reader.streamId);
    expect((await probe.comeBack(url)).statusCode).toBe(200);
    // While the relay does not know, there are only `start` and `reconnect`.
    await probe.readTo(1);
    probe.cut();
  });
  await reader.comeBack(url);
}

describe.skipIf(whyNoRedis)(`while Redis is away ${whyNoRedis ?? ""}`, () => {
  test("a stream continues for its readers here, who get a notice; then all is as before", async () => {
    await using relays = await startTwoRelays(held);
    const { there, gateway } = relays;
    const reader = await startReader(relays);
    await loseRedis(relays);
    const { event } = await reader.readToNotice("warning");
    expect(event).toEqual({ type: "warning", code: "not_resumable" });
    await gateway.release(3);
    await reader.readTo(6);
    reader.cut();
    await bringRedisBack(relays);
    // The server that came back was empty: what is written here is brought there again.
    await comeBackSoon(reader, there.url);
    await gateway.release(lastId);
    await reader.readToEnd();
    expectWhole(reader);
    const late = createReader(reader.streamId);
    await late.comeBack(there.url);
    await late.readToEnd();
    expectWhole(late);
    expect(gateway.chatCount).toBe(1);
  });

  test("a reader that loses a stream can reconnect to the relay that writes it", async () => {
    await using relays = await startTwoRelays(held);
    const { here, gateway } = relays;
    const reader = await startReader(relays);
    reader.cut();
    await loseRedis(relays);
    await reader.comeBack(here.url);
    const { event } = await reader.readToNotice("start");
    expect(event).toMatchObject({ resumable: false });
    await gateway.release(lastId);
    await reader.readToEnd();
    expectWhole(reader);
  });

  test("it cannot be cancelled on another relay: 503, to be tried again", async () => {
    await using relays = await startTwoRelays(held);
    const reader = await startReader(relays);
    await loseRedis(relays);
    const target = streamAt(relays.there.url, reader.streamId);
    const reply = await replyTo(ask(target, undefined, { method: "DELETE" }));
    expect(reply.status).toBe(503);
    expect(refusalIn(reply)).toMatchObject({ code: "overloaded", retryable: true });
    expect(reply.headers["retry-after"]).toBe("1");
  });

  test("a reader on another relay gets reconnect: no status ends its EventSource", async () => {
    await using relays = await startTwoRelays(held);
    const reader = await startReader(relays);
    await loseRedis(relays);
    const target = streamAt(relays.there.url, reader.streamId);
    const { status, text } = await replyTo(ask(target, undefined, get));
    expect(status).toBe(200);
    const { events, retryMs } = parseStream(text);
    expect(events.map(({ event }) => event)).toMatchObject([
      { type: "start", streamId: reader.streamId, resumable: true },
      { type: "reconnect", retryMs },
    ]);
    expect(retryMs).toBeGreaterThanOrEqual(1_000);
  });

  test("a stream starts, says that it is not resumable, and is so when Redis is back", async () => {
    await using relays = await startTwoRelays(held);
    const { here, there, gateway } = relays;
    await loseRedis(relays);
    const reader = createReader();
    await reader.open(ask(here.streamUrl, askForWhole));
    const { event } = await reader.readToNotice("start");
    expect(event).toMatchObject({ resumable: false });
    await gateway.release(3);
    await reader.readTo(3);
    await bringRedisBack(relays);
    reader.cut();
    await comeBackSoon(reader, there.url);
    await gateway.release(lastId);
    await reader.readToEnd();
    expectWhole(reader);
    const next = createReader();
    await next.open(ask(here.streamUrl, askForWhole));
    expect((await next.readToNotice("start")).event).toMatchObject({ resumable: true });
  });

  test("a stream that ends meanwhile ends for its readers here at once, for others later", async () => {
    await using relays = await startTwoRelays(held);
    const { here, there, gateway } = relays;
    const reader = await startReader(relays);
    await loseRedis(relays);
    await gateway.release(lastId);
    await reader.readToEnd();
    expectWhole(reader);
    expect(noticesOf(reader)).toEqual(["start", "warning"]);
    expect((await reader.comeBack(here.url)).statusCode).toBe(204);
    await bringRedisBack(relays);
    const other = createReader(reader.streamId);
    await comeBackSoon(other, there.url);
    await other.readToEnd();
    expectWhole(other);
  });

  test("a start with a key is refused, and leaves no stream behind", async () => {
    await using relays = await startTwoRelays(held);
    const { here, redis } = relays;
    await loseRedis(relays);
    const headers = { "Idempotency-Key": "my-key-0123456789" };
    const reply = await replyTo(ask(here.streamUrl, askForWhole, { headers }));
    expect([reply.status, refusalIn(reply).code]).toEqual([503, "overloaded"]);
    await bringRedisBack(relays);
    const under = redisUnderTest(redis.url);
    await under.untilReady();
    // The one that the relay had opened for it: it has no writer any more.
    await eventually(async () => {
      const keys = await under.redis.run((client) => client.keys("*:meta"));
      expect(keys).toHaveLength(1);
      const closed = await under.redis.run((client) => client.hGet(keys[0] ?? "", "closed"));
      expect(closed).toBe("writer");
    });
    const reader = await eventually(async () => {
      const tried = createReader();
      const { statusCode } = await tried.open(ask(here.streamUrl, askForWhole, { headers }));
      expect(statusCode).toBe(200);
      return tried;
    });
    await relays.gateway.release(lastId);
    await reader.readToEnd();
    expectWhole(reader);
  });

  test("a relay is ready again as soon as it is back", async () => {
    await using relays = await startTwoRelays();
    await loseRedis(relays);
    expect(await replyTo(ask(`${relays.here.url}/healthz`, undefined, get))).toMatchObject({
      status: 200,
    });
    await bringRedisBack(relays);
    expect(await readiness(relays.here.url)).toEqual([200, '{"status":"ready"}']);
  });
});
