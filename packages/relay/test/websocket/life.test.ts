import { EventEmitter, once } from "node:events";
import { describe, expect, test } from "vitest";
import { question } from "@gatestream/testing/ask";
import { watchHandles } from "@gatestream/testing/open-handles";
import { connectRaw } from "@gatestream/testing/raw-client";
import { startRelay } from "@gatestream/testing/relay-under-test";
import { openPage } from "@gatestream/testing/socket-page";
import { startWatchedRelay } from "@gatestream/testing/watched-relay";

const openHandles = watchHandles();

describe("signs of life", () => {
  test("a silent socket sends a heartbeat, one for all streams", async () => {
    await using under = await startRelay({ heartbeatMs: 300, emulator: { scenario: "stall" } });
    using page = await openPage(under.url);
    await page.until(({ type }) => type === "heartbeat");
    for (const ref of ["a", "b", "c"]) page.send({ op: "start", ref, body: question("Hello") });
    await Promise.all(
      ["a", "b", "c"].map((name) => page.until(({ ref, id }) => ref === name && id === 8)),
    );
    const pings: unknown[] = [];
    page.webSocket.on("ping", (data) => pings.push(data));
    const before = page.frames.length;
    await page.until((frame) => page.frames.indexOf(frame) >= before + 2);
    expect(page.frames.slice(before)).toEqual(
      page.frames.slice(before).map(() => ({ type: "heartbeat" })),
    );
    expect(pings.length).toBeGreaterThan(0);
  });

  test("a page that answers late is not dead", async () => {
    await using under = await startRelay({ heartbeatMs: 100, emulator: { scenario: "stall" } });
    using page = await openPage(under.url, { autoPong: false });
    const { webSocket } = page;
    // Until several answers were due.
    await page.until((frame) => page.frames.indexOf(frame) >= 5);
    const askedAgain = once(webSocket, "ping");
    webSocket.pong();
    await askedAgain;
    expect(webSocket.readyState).toBe(webSocket.OPEN);
  });

  test("a page that answers no ping is dead: its streams let the gateway go", async () => {
    await using under = await startWatchedRelay({
      heartbeatMs: 300,
      slowConsumerTimeoutMs: 1_000,
      emulator: { scenario: "stall" },
    });
    using alive = await openPage(under.url);
    alive.send({ op: "start", ref: "a", body: question("Hello") });
    using dead = await openPage(under.url, { autoPong: false });
    dead.send({ op: "start", ref: "a", body: question("Hello") });
    expect((await dead.closed)[0]).toBe(1006);
    expect(await under.untilObserved("stream_ended")).toMatchObject({ readerLeft: true });
    await alive.until(({ type }) => type === "heartbeat");
    expect(alive.webSocket.readyState).toBe(alive.webSocket.OPEN);
  });
});

describe("when the relay stops", () => {
  test("idle sockets are closed at once with 1012, others when their streams have ended", async () => {
    await using under = await startRelay({
      shutdownGraceMs: 60_000,
      emulator: { scenario: "stall" },
    });
    using idle = await openPage(under.url);
    using busy = await openPage(under.url);
    busy.send({ op: "start", ref: "a", body: question("Hello") });
    await busy.until(({ type }) => type === "token");
    const closed = under.relay.close();
    expect(await idle.closed).toEqual([1012, "This relay is shutting down."]);
    busy.send({ op: "start", ref: "b", body: question("Hello") });
    expect(await busy.untilEnd("b")).toMatchObject({ status: 503, code: "relay_draining" });
    expect(busy.webSocket.readyState).toBe(busy.webSocket.OPEN);
    using late = await openPage(under.url);
    expect((await late.closed)[0]).toBe(1012);
    busy.send({ op: "cancel", ref: "a" });
    expect(await busy.untilEnd("a")).toMatchObject({ type: "stop", reason: "cancelled" });
    expect((await busy.closed)[0]).toBe(1012);
    await closed;
  });

  test("after the grace streams end with relay_draining, and then the socket", async () => {
    await using under = await startRelay({ shutdownGraceMs: 50, emulator: { scenario: "stall" } });
    using page = await openPage(under.url);
    page.send({ op: "start", ref: "a", body: question("Hello") });
    await page.until(({ id }) => id === 8);
    await under.relay.close();
    expect(await page.closed).toEqual([1012, "This relay is shutting down."]);
    expect(page.frames.at(-1)).toMatchObject({
      ref: "a",
      id: 9,
      type: "error",
      code: "relay_draining",
    });
    expect(page.frames.at(-1)?.["status"]).toBeUndefined();
  });

  test("a page that does not read cannot hold it up", async () => {
    await using under = await startRelay({ slowConsumerTimeoutMs: 600_000 });
    using page = await openPage(under.url);
    page.webSocket.pause();
    page.send({ op: "start", ref: "a", body: question("/scenario many-tokens 1000000") });
    await under.emulator.waitFor(({ sentText }) => sentText.length > 100_000);
    await under.relay.close();
    expect(under.observed.map(({ type }) => type)).toContain("socket_closed");
  });

  test("nor can a connection during authentication", async () => {
    let asked: () => void = () => {};
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    await using under = await startRelay({
      authenticate() {
        asked();
        return new Promise(() => {});
      },
    });
    const opening = openPage(under.url).catch(() => "closed");
    await isAsked;
    await under.relay.close();
    void opening;
  });

  test("nothing is left that would keep the process alive", async () => {
    {
      await using under = await startRelay({ emulator: { scenario: "stall" } });
      using page = await openPage(under.url);
      using idle = await openPage(under.url);
      page.send({ op: "start", ref: "a", body: question("Hello") });
      await page.until(({ type }) => type === "token");
      expect(await openHandles()).toEqual(expect.arrayContaining(["TCPServerWrap", "Timer"]));
      await under.relay.close();
      await Promise.all([page.closed, idle.closed]);
    }
    expect(await openHandles()).toEqual([]);
  });
});

test("a page that disconnects during the handshake affects no other", async () => {
  const door = new EventEmitter();
  await using under = await startWatchedRelay({
    authenticate: () =>
      new Promise((resolve) => {
        door.once("open", () => resolve({ subject: "page" }));
        door.emit("asked");
      }),
  });
  const asked = once(door, "asked");
  using client = await connectRaw(under.url);
  client.send(
    "GET /api/llm/socket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
      "Sec-WebSocket-Protocol: gatestream.v1\r\n\r\n",
  );
  await asked;
  client.socket.resetAndDestroy();
  await under.untilNothingLeft();
  door.emit("open");
  await under.untilNothingLeft();
  expect(under.observed).toEqual([]);
});
