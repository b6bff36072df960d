import { describe, expect, test } from "vitest";
import { ask, refusalIn, replyTo } from "@gatestream/testing/ask";
import { parseStream } from "@gatestream/testing/parse-events";
import { whyNoRedis } from "@gatestream/testing/redis-server";
import { createReader, streamAt, type ResumingReader } from "@gatestream/testing/resuming-reader";
import {
  describeEachLog,
  startRelays,
  startTwoRelays,
  type RelaysUnderTest,
} from "@gatestream/testing/two-relays";
import {
  askForWhole,
  expectWhole,
  idsOf,
  lastId,
  noticesOf,
} from "@gatestream/testing/whole-answer";

/** Longer than any test: what happens does not happen because it is over. */
const waiting = { shutdownGraceMs: 600_000 };
const held = { gateway: { hold: "pieces" } } as const;
const get = { method: "GET" };

/** A reader of a new stream that has had three events of it. */
async function startReader({ here, gateway }: RelaysUnderTest): Promise<ResumingReader> {
  const reader = createReader();
  await reader.open(ask(here.streamUrl, askForWhole));
  await gateway.release(3);
  await reader.readTo(3);
  return reader;
}

async function expectSentAway(reader: ResumingReader): Promise<void> {
  await reader.readToEnd();
  const { name, event } = reader.events.at(-1) ?? {};
  expect(name).toBe("reconnect");
  const { retryMs } = event as { retryMs: number };
  expect(retryMs).toBeGreaterThanOrEqual(100);
  expect(retryMs).toBeLessThanOrEqual(1_000);
}

/** Any status but 200 would end a browser's EventSource. */
async function expectToldToReconnect(target: string): Promise<void> {
  const { status, text } = await replyTo(ask(target, undefined, get));
  expect(status).toBe(200);
  const { events, retryMs } = parseStream(text);
  expect(events.map(({ name }) => name)).toEqual(["start", "reconnect"]);
  expect(events[0]?.event).toMatchObject({ resumable: true });
  expect(events[1]?.event).toMatchObject({ retryMs });
}

describe.skipIf(whyNoRedis)(`a stop of one of two relays ${whyNoRedis ?? ""}`, () => {
  test("that writes a stream sends its readers to the other, and writes on", async () => {
    await using relays = await startTwoRelays({ ...waiting, ...held });
    const { here, there, gateway } = relays;
    const reader = await startReader(relays);
    const closed = here.relay.close();
    await expectSentAway(reader);
    const target = streamAt(here.url, reader.streamId);
    await expectToldToReconnect(target);
    await reader.comeBack(there.url);
    await gateway.release(lastId);
    await reader.readToEnd();
    expectWhole(reader);
    expect(gateway.chatCount).toBe(1);
    // It waited for the stream, and for nothing else.
    await closed;
  });

  test("that others write sends its readers to the other", async () => {
    await using relays = await startTwoRelays({ ...waiting, ...held });
    const { here, there, gateway } = relays;
    const reader = await startReader(relays);
    const other = createReader(reader.streamId);
    await other.comeBack(there.url);
    await other.readTo(3);
    const closed = there.relay.close();
    await expectSentAway(other);
    await closed;
    await other.comeBack(here.url);
    await gateway.release(lastId);
    for (const one of [reader, other]) {
      await one.readToEnd();
      expectWhole(one);
    }
  });

  test("sends away who still waits for the headers, as soon as there are some", async () => {
    await using relays = await startTwoRelays({ ...waiting, gateway: { hold: "chat" } });
    const { here, there, gateway } = relays;
    const reader = createReader();
    const opened = reader.open(ask(here.streamUrl, askForWhole));
    await here.untilObserved("stream_started");
    const closed = here.relay.close();
    gateway.hold("pieces");
    await gateway.release();
    expect((await opened).statusCode).toBe(200);
    await expectSentAway(reader);
    expect(noticesOf(reader)).toEqual(["start", "reconnect"]);
    await reader.comeBack(there.url);
    await gateway.release(lastId);
    await reader.readToEnd();
    expectWhole(reader);
    await closed;
  });

  test("ends what it still writes after the grace, for readers elsewhere too", async () => {
    await using relays = await startTwoRelays({ shutdownGraceMs: 0, ...held });
    const reader = await startReader(relays);
    const other = createReader(reader.streamId);
    await other.comeBack(relays.there.url);
    await relays.here.relay.close();
    await other.readToEnd();
    expect(idsOf(other)).toEqual([1, 2, 3, 4]);
    expect(other.events.at(-1)?.event).toMatchObject({ type: "error", code: "relay_draining" });
    expect((await other.comeBack(relays.there.url)).statusCode).toBe(204);
  });
});

describeEachLog("a stop of a relay", (kind) => {
  test("refuses who still waits for the headers after the grace", async () => {
    await using relays = await startRelays(kind, { gateway: { hold: "chat" } });
    const reply = replyTo(ask(relays.here.streamUrl, askForWhole));
    await relays.here.untilObserved("stream_started");
    const [refused] = await Promise.all([reply, relays.here.relay.close()]);
    expect([refused.status, refusalIn(refused).code]).toEqual([503, "relay_draining"]);
  });

  test("waits for a stream without readers, no longer than the grace", async () => {
    await using relays = await startRelays(kind, { shutdownGraceMs: 50, ...held });
    const reader = await startReader(relays);
    reader.cut();
    await relays.here.relay.close();
    expect(await relays.here.untilObserved("stream_ended")).toMatchObject({
      error: { code: "relay_draining" },
      tokens: 3,
    });
  });
});

describe("a stop of a relay that keeps its streams for itself", () => {
  test("lets readers finish, also one that reconnects meanwhile", async () => {
    await using relays = await startRelays("memory", { ...waiting, ...held });
    const { here, gateway } = relays;
    const reader = await startReader(relays);
    const other = createReader(reader.streamId);
    const closed = here.relay.close();
    await other.comeBack(here.url);
    await gateway.release(lastId);
    for (const one of [reader, other]) {
      await one.readToEnd();
      expectWhole(one);
      expect(noticesOf(one)).not.toContain("reconnect");
    }
    await closed;
  });

  test("ends the others after the grace with relay_draining", async () => {
    await using relays = await startRelays("memory", { shutdownGraceMs: 50, ...held });
    const reader = await startReader(relays);
    const closed = relays.here.relay.close();
    await reader.readToEnd();
    expect(idsOf(reader)).toEqual([1, 2, 3, 4]);
    expect(reader.events.at(-1)?.event).toMatchObject({ type: "error", code: "relay_draining" });
    await closed;
  });
});
