import { describe, expect, test, vi } from "vitest";
import { question } from "@gatestream/testing/ask";
import { whyNoRedis } from "@gatestream/testing/redis-server";
import { startRelay } from "@gatestream/testing/relay-under-test";
import { openPage } from "@gatestream/testing/socket-page";
import { describeEachLog, startRelays, startTwoRelays } from "@gatestream/testing/two-relays";
import { askForWhole, everyId, lastId } from "@gatestream/testing/whole-answer";

// Each test starts several servers, and a machine may be busy.
vi.setConfig({ testTimeout: 30_000 });

const detached = { ...askForWhole, onDisconnect: "detach" } as const;
const held = { gateway: { hold: "pieces" } } as const;

describeEachLog("a detached stream over sockets", (kind) => {
  test("goes on on a new socket, from the event after the last one that came", async () => {
    await using relays = await startRelays(kind, held);
    const { here, there, gateway } = relays;
    using first = await openPage(here.url);
    first.send({ op: "start", ref: "a", body: detached });
    await gateway.release(5);
    const { streamId = "" } = await first.until(({ id }) => id === 5);
    expect(first.frames[0]).toMatchObject({ type: "start", resumable: true });
    first.webSocket.terminate();
    await here.untilObserved("socket_closed");
    await gateway.release(lastId);

    using second = await openPage(there.url);
    second.send({ op: "follow", ref: "b", streamId, after: 3 });
    expect(await second.untilEnd("b")).toMatchObject({ type: "stop", id: lastId, streamId });
    const ids = second.framesOf("b").flatMap(({ id }) => id ?? []);
    expect(ids).toEqual(everyId.slice(3));
    expect(second.frames[0]).toMatchObject({ type: "start", ref: "b", streamId });
    expect(await there.untilObserved("reader_resumed")).toMatchObject({ after: 3 });
    expect(gateway.chatCount).toBe(1);

    second.send({ op: "follow", ref: "c", streamId, after: lastId });
    expect(await second.untilEnd("c")).toEqual({ type: "done", ref: "c" });
    second.send({ op: "follow", ref: "d", streamId, after: lastId + 1 });
    expect(await second.untilEnd("d")).toMatchObject({ status: 409, code: "cursor_unknown" });
    second.send({ op: "follow", ref: "e", streamId });
    await second.untilEnd("e");
    expect(second.framesOf("e").flatMap(({ id }) => id ?? [])).toEqual(everyId);
    expect(second.framesOf("e").map(({ type }) => type)).not.toContain("live");
  });

  test("continues when its reader leaves, and is cancelled by id with every reader notified", async () => {
    await using relays = await startRelays(kind, held);
    const { here, there, gateway } = relays;
    using page = await openPage(here.url);
    page.send({ op: "start", ref: "a", body: detached });
    await gateway.release(2);
    const { streamId = "" } = await page.until(({ id }) => id === 2);
    page.send({ op: "leave", ref: "a" });
    page.send({ op: "follow", ref: "b", streamId, after: 2 });
    await page.until(({ ref, type }) => ref === "b" && type === "live");
    await gateway.release(1);
    await page.until(({ ref, id }) => ref === "b" && id === 3);
    expect(page.framesOf("a").flatMap(({ id }) => id ?? [])).toEqual([1, 2]);

    using other = await openPage(there.url);
    other.send({ op: "cancel", ref: "a", streamId });
    expect(await other.untilEnd("a")).toEqual({ type: "done", ref: "a" });
    expect(await page.untilEnd("b")).toMatchObject({ type: "stop", reason: "cancelled", id: 4 });
  });

  test("the same key comes to the same stream, and a cancel by ref ends that one", async () => {
    await using relays = await startRelays(kind, held);
    const { here, gateway } = relays;
    using page = await openPage(here.url);
    page.send({ op: "start", ref: "a", body: detached, idempotencyKey: "my-key-0123456789" });
    await gateway.release(2);
    await page.until(({ id }) => id === 2);
    page.send({ op: "start", ref: "b", body: detached, idempotencyKey: "my-key-0123456789" });
    page.send({ op: "cancel", ref: "b" });
    const ends = await Promise.all([page.untilEnd("a"), page.untilEnd("b")]);
    expect(ends).toMatchObject([
      { type: "stop", reason: "cancelled", id: 3 },
      { type: "stop", reason: "cancelled", id: 3 },
    ]);
    expect(ends[0]?.streamId).toBe(ends[1]?.streamId);
    expect(gateway.chatCount).toBe(1);
  });
});

describe.skipIf(whyNoRedis)(`a stop of one of two relays ${whyNoRedis ?? ""}`, () => {
  test("sends readers of detached streams to the other one, and closes the socket", async () => {
    await using relays = await startTwoRelays({ ...held, shutdownGraceMs: 600_000 });
    const { here, there, gateway } = relays;
    using page = await openPage(here.url);
    page.send({ op: "start", ref: "a", body: detached });
    await gateway.release(3);
    const { streamId = "" } = await page.until(({ id }) => id === 3);
    const closed = here.relay.close();
    expect(await page.untilEnd("a")).toMatchObject({ type: "reconnect", streamId });
    expect((await page.closed)[0]).toBe(1012);
    using next = await openPage(there.url);
    next.send({ op: "follow", ref: "a", streamId, after: 3 });
    await gateway.release(lastId);
    expect(await next.untilEnd("a")).toMatchObject({ type: "stop", id: lastId });
    expect(next.framesOf("a").flatMap(({ id }) => id ?? [])).toEqual(everyId.slice(3));
    await closed;
  });
});

test("a key that is none is refused", async () => {
  await using under = await startRelay({ resume: "memory" });
  using page = await openPage(under.url);
  page.send({ op: "start", ref: "a", body: detached, idempotencyKey: "two words" });
  expect(await page.untilEnd("a")).toMatchObject({ status: 400, code: "invalid_request" });
});

test("another caller's stream is unknown, to follow as to cancel", async () => {
  await using under = await startRelay({
    resume: "memory",
    authenticate: ({ headers }) => ({ subject: String(headers["x-user"]) }),
    emulator: { scenario: "stall" },
  });
  using page = await openPage(under.url, { headers: { "X-User": "one" } });
  using other = await openPage(under.url, { headers: { "X-User": "two" } });
  page.send({ op: "start", ref: "a", body: { ...question("Hello"), onDisconnect: "detach" } });
  const { streamId = "" } = await page.until(({ type }) => type === "token");
  other.send({ op: "follow", ref: "a", streamId });
  other.send({ op: "cancel", ref: "b", streamId });
  expect([await other.untilEnd("a"), await other.untilEnd("b")]).toMatchObject([
    { status: 404, code: "stream_not_found" },
    { status: 404, code: "stream_not_found" },
  ]);
});
