import { describe, expect, test } from "vitest";
import { question } from "@gatestream/testing/ask";
import { startHeldGateway, type Held } from "@gatestream/testing/held-gateway";
import { startRelay } from "@gatestream/testing/relay-under-test";
import { openPage } from "@gatestream/testing/socket-page";
import { startWatchedRelay } from "@gatestream/testing/watched-relay";

const isChat = ({ kind }: { kind: string }): boolean => kind === "chat";

function numbers(count: number): string {
  return Array.from({ length: count }, (_, index) => `${index} `).join("");
}

test("a stream over a socket is the whole answer, numbered, between start and its end", async () => {
  await using under = await startRelay();
  using page = await openPage(under.url);
  page.send({ op: "start", ref: "a", body: question("/scenario many-tokens 20") });
  const end = await page.untilEnd("a");
  const [start, ...numbered] = page.framesOf("a");
  expect(start).toEqual({
    type: "start",
    ref: "a",
    streamId: expect.stringMatching(/^[\w-]{22}$/),
    requestId: expect.stringMatching(/^[\w-]{36}\.1$/),
    resumable: false,
    resumableForMs: 0,
    heartbeatMs: 15_000,
  });
  expect(numbered.map(({ id }) => id)).toEqual(Array.from({ length: 21 }, (_, at) => at + 1));
  expect(new Set(numbered.map(({ streamId }) => streamId))).toEqual(new Set([start?.streamId]));
  expect(page.textOf("a")).toBe(numbers(20));
  expect(end).toMatchObject({ type: "stop", reason: "stop", id: 21 });
  expect(await under.untilObserved("stream_ended")).toMatchObject({
    requestId: start?.["requestId"],
    readerLeft: false,
  });
});

test("a socket has one heartbeat for all its streams, and no timer for each", async () => {
  await using under = await startRelay({ resume: "memory", emulator: { scenario: "stall" } });
  using page = await openPage(under.url);
  const detached = { ...question("Hello"), onDisconnect: "detach" as const };
  page.send({ op: "start", ref: "a", body: detached });
  const { streamId = "" } = await page.until(({ type }) => type === "token");
  const timers = (): number =>
    process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;
  const before = timers();
  const refs = Array.from({ length: 50 }, (_, index) => `reader ${index}`);
  for (const ref of refs) page.send({ op: "follow", ref, streamId });
  await Promise.all(refs.map((ref) => page.until((frame) => frame.ref === ref && frame.id === 8)));
  expect(timers() - before).toBeLessThan(refs.length);
});

test("what came together is one message", async () => {
  await using under = await startRelay();
  using page = await openPage(under.url);
  page.send({ op: "start", ref: "a", body: question("/scenario many-tokens 1000") });
  await page.untilEnd("a");
  expect(page.framesOf("a")).toHaveLength(1002);
  expect(page.messageCount).toBeLessThan(200);
});

test("200 streams on one socket are each whole and in order", async () => {
  await using under = await startRelay({ requestsPerMinute: 1_000 });
  using page = await openPage(under.url);
  const refs = Array.from({ length: 200 }, (_, index) => `stream ${index}`);
  for (const [index, ref] of refs.entries()) {
    page.send({ op: "start", ref, body: question(`/scenario many-tokens ${50 + index}`) });
  }
  await Promise.all(refs.map((ref) => page.untilEnd(ref)));
  for (const [index, ref] of refs.entries()) {
    expect(page.textOf(ref)).toBe(numbers(50 + index));
    const ids = page.framesOf(ref).flatMap(({ id }) => id ?? []);
    expect(ids).toEqual(Array.from({ length: 51 + index }, (_, at) => at + 1));
  }
  expect(page.webSocket.readyState).toBe(page.webSocket.OPEN);
});

test("a ref may be used again when its stream has ended", async () => {
  await using under = await startRelay();
  using page = await openPage(under.url);
  const streamIds = new Set<string | undefined>();
  for (let turn = 1; turn <= 20; turn += 1) {
    page.send({ op: "start", ref: "a", body: question("/scenario many-tokens 2") });
    const before = page.frames.length;
    await page.until((frame) => page.frames.indexOf(frame) >= before && frame.type === "stop");
    streamIds.add(page.frames.at(-1)?.streamId);
  }
  expect(streamIds.size).toBe(20);
});

describe("cancel", () => {
  test("by ref ends the stream with stop, and lets the gateway go", async () => {
    await using under = await startRelay({ emulator: { scenario: "stall" } });
    using page = await openPage(under.url);
    page.send({ op: "start", ref: "a", body: question("Hello") });
    await page.until(({ type }) => type === "token");
    page.send({ op: "cancel", ref: "a" });
    expect(await page.untilEnd("a")).toMatchObject({ type: "stop", reason: "cancelled" });
    await under.emulator.waitFor(({ state, kind }) => kind === "chat" && state === "aborted");
    expect(await under.untilObserved("stream_ended")).toMatchObject({
      ending: "cancelled",
      readerLeft: false,
    });
  });

  test("in the same breath as start ends it before it has begun", async () => {
    await using under = await startRelay({ emulator: { scenario: "silent" } });
    using page = await openPage(under.url);
    page.send({ op: "start", ref: "a", body: question("Hello") });
    page.send({ op: "cancel", ref: "a" });
    expect(await page.untilEnd("a")).toMatchObject({ type: "stop", reason: "cancelled", id: 1 });
  });

  test("by streamId cancels what another socket reads, and is done", async () => {
    await using under = await startRelay({ emulator: { scenario: "stall" } });
    using reader = await openPage(under.url);
    using other = await openPage(under.url);
    reader.send({ op: "start", ref: "a", body: question("Hello") });
    const { streamId = "" } = await reader.until(({ type }) => type === "token");
    other.send({ op: "cancel", ref: "a", streamId });
    expect(await other.untilEnd("a")).toEqual({ type: "done", ref: "a" });
    expect(await reader.untilEnd("a")).toMatchObject({ type: "stop", reason: "cancelled" });
  });

  test("of an unknown or ended ref does nothing", async () => {
    await using under = await startRelay();
    using page = await openPage(under.url);
    page.send({ op: "cancel", ref: "a" });
    page.send({ op: "leave", ref: "a" });
    page.send({ op: "start", ref: "a", body: question("/scenario many-tokens 2") });
    expect(await page.untilEnd("a")).toMatchObject({ type: "stop", reason: "stop" });
    expect(page.frames.filter(({ type }) => type === "error")).toEqual([]);
  });
});

describe("leave lets the gateway go, and the others go on", () => {
  test.each<[string, Held]>([
    ["while the token is fetched", "token"],
    ["while the gateway is asked", "chat"],
    ["in the middle of the answer", "pieces"],
  ])("%s", async (_, held) => {
    await using gateway = await startHeldGateway();
    await using under = await startWatchedRelay({
      genesys: { loginUrl: gateway.url, apiUrl: gateway.url },
      maxConcurrentStreams: 1,
    });
    using page = await openPage(under.url);
    gateway.hold(held);
    page.send({ op: "start", ref: "a", body: question("/scenario many-tokens 3") });
    if (held === "pieces") await gateway.release();
    if (held === "pieces") await page.until(({ type }) => type === "token");
    else await under.untilObserved("phase_begun");
    page.send({ op: "leave", ref: "a" });
    expect(await under.untilObserved("stream_ended")).toMatchObject({
      ending: "cancelled",
      readerLeft: true,
    });
    gateway.hold(undefined);
    page.send({ op: "start", ref: "b", body: question("/scenario many-tokens 3") });
    expect(await page.untilEnd("b")).toMatchObject({ type: "stop", reason: "stop" });
    expect(page.framesOf("a").some(({ type }) => type === "stop")).toBe(false);
  });

  test("in the queue", async () => {
    await using under = await startRelay({
      maxConcurrentStreams: 1,
      firstByteGraceMs: 0,
      emulator: { scenario: "stall" },
    });
    using page = await openPage(under.url);
    page.send({ op: "start", ref: "a", body: question("Hello") });
    await page.until(({ type }) => type === "token");
    page.send({ op: "start", ref: "b", body: question("Hello") });
    await page.until(({ type, ref }) => type === "queued" && ref === "b");
    page.send({ op: "leave", ref: "b" });
    expect(await under.untilObserved("stream_ended")).toMatchObject({
      readerLeft: true,
      phase: "queue",
    });
    expect(under.emulator.calls.filter(isChat)).toMatchObject([{ state: "open" }]);
  });
});

test("a page that goes away lets every gateway request go", async () => {
  await using under = await startWatchedRelay({ emulator: { scenario: "stall" } });
  using page = await openPage(under.url);
  for (const ref of ["a", "b", "c"]) page.send({ op: "start", ref, body: question("Hello") });
  for (const ref of ["a", "b", "c"]) {
    await page.until((frame) => frame.ref === ref && frame.type === "token");
  }
  page.webSocket.terminate();
  await under.untilNothingLeft();
  expect(await under.untilObserved("socket_closed")).toMatchObject({ code: 1006 });
  expect(await under.untilObserved("stream_ended")).toMatchObject({ readerLeft: true });
});
