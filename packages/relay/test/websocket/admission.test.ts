import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { RelayError } from "../../src/errors.ts";
import { ask, question, refusalIn, replyTo } from "@gatestream/testing/ask";
import { expectRefused } from "@gatestream/testing/expect-refused";
import { createLog } from "@gatestream/testing/log-lines";
import { connectRaw } from "@gatestream/testing/raw-client";
import { startRelay } from "@gatestream/testing/relay-under-test";
import { openPage, refusedHandshake } from "@gatestream/testing/socket-page";
import { startWatchedRelay } from "@gatestream/testing/watched-relay";

const token = "secret.token.of-a-page";
const twoTokens = question("/scenario many-tokens 2");

/** A request with the token is this caller. */
const byToken = {
  authenticate: ({ headers }: IncomingMessage) =>
    headers.authorization === `Bearer ${token}` ? { subject: "page" } : undefined,
};

describe("origins", () => {
  test.each([
    ["https://elsewhere.example", 403],
    ["null", 403],
  ])("a page of %s is refused before the handshake", async (Origin, status) => {
    await using under = await startRelay({ allowedOrigins: ["https://app.example"] });
    const refused = await refusedHandshake(under.url, { headers: { Origin } });
    expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([status, "forbidden"]);
    expect(await under.untilObserved("request_refused")).toMatchObject({
      method: "GET",
      path: "/api/llm/socket",
      error: { code: "forbidden" },
    });
  });

  test.each(["https://app.example", undefined])(
    "a page of %s may open a socket",
    async (Origin) => {
      await using under = await startRelay({ allowedOrigins: ["https://app.example"] });
      using page = await openPage(under.url, { headers: Origin === undefined ? {} : { Origin } });
      page.send({ op: "start", ref: "a", body: twoTokens });
      expect(await page.untilEnd("a")).toMatchObject({ type: "stop" });
    },
  );
});

describe("who calls", () => {
  test("a token among the subprotocols lets in, is not repeated, and is in no log line", async () => {
    const log = createLog();
    await using under = await startRelay({ ...byToken, observer: log.observer });
    using page = await openPage(under.url, { protocols: ["gatestream.v1", `bearer.${token}`] });
    expect(page.webSocket.protocol).toBe("gatestream.v1");
    page.send({ op: "start", ref: "a", body: twoTokens });
    expect(await page.untilEnd("a")).toMatchObject({ type: "stop" });
    expect(await under.untilObserved("stream_started")).toMatchObject({ subject: "page" });
    page.webSocket.close();
    await under.untilObserved("socket_closed");
    expect(log.lines().length).toBeGreaterThan(3);
    expect(log.text()).not.toContain(token);
  });

  test("the header wins over the subprotocol", async () => {
    await using under = await startRelay(byToken);
    using page = await openPage(under.url, {
      protocols: ["gatestream.v1", `bearer.${token}`],
      headers: { Authorization: "Bearer other" },
    });
    expect((await page.closed)[0]).toBe(4401);
  });

  const refusals: [string, RelayError | undefined, number, number][] = [
    ["nobody", undefined, 4401, 401],
    ["somebody who may not", new RelayError("forbidden", "You lack a scope."), 4403, 403],
    ["keys that are away", new RelayError("overloaded", "Later."), 1013, 503],
    ["a fault", new RelayError("internal_error", "It failed."), 1011, 500],
  ];
  test.each(refusals)("%s: the socket says why, and is closed", async (_, error, code, status) => {
    await using under = await startWatchedRelay({
      async authenticate() {
        if (error !== undefined) throw error;
        return undefined;
      },
    });
    using page = await openPage(under.url);
    page.send({ op: "start", ref: "a", body: twoTokens });
    expect((await page.closed)[0]).toBe(code);
    expect(page.frames).toMatchObject([{ type: "error", status }]);
    expect(page.frames[0]?.ref).toBeUndefined();
    expect(under.observed.filter(({ type }) => type === "stream_started")).toEqual([]);
    await under.untilNothingLeft();
  });

  test("a reason that is too long for a close frame is shortened", async () => {
    const message = "é".repeat(200);
    await using under = await startRelay({
      authenticate() {
        throw new RelayError("forbidden", message);
      },
    });
    using page = await openPage(under.url);
    expect(await page.closed).toEqual([4403, "é".repeat(61)]);
    expect(page.frames).toMatchObject([{ type: "error", message }]);
  });

  test("when what a caller proved ends, running streams end and the socket is closed with 4401", async () => {
    let expiresAt = Date.now() + 60_000;
    await using under = await startRelay({
      authenticate: () => ({ subject: "page", expiresAt }),
      emulator: { scenario: "stall" },
    });
    using lasting = await openPage(under.url);
    lasting.send({ op: "start", ref: "a", body: question("Hello") });
    await lasting.until(({ type }) => type === "token");
    expiresAt = Date.now() + 100;
    using page = await openPage(under.url);
    page.send({ op: "start", ref: "a", body: question("Hello") });
    expect(await page.untilEnd("a")).toMatchObject({ type: "error", code: "unauthorized", id: 9 });
    expect(await page.closed).toEqual([4401, "What the caller proved has expired."]);
    expect(lasting.webSocket.readyState).toBe(lasting.webSocket.OPEN);
  });

  test("with endOnTokenExpiry off streams go on, new ones are refused, then it is closed", async () => {
    await using under = await startRelay({
      endOnTokenExpiry: false,
      authenticate: () => ({ subject: "page", expiresAt: Date.now() + 50 }),
      emulator: { scenario: "stall" },
    });
    using page = await openPage(under.url);
    page.send({ op: "start", ref: "a", body: question("Hello") });
    await page.until(({ type }) => type === "token");
    for (let index = 0; ; index += 1) {
      page.send({ op: "follow", ref: `${index}`, streamId: "x" });
      const { code } = await page.untilEnd(`${index}`);
      if (code === "unauthorized") break;
    }
    expect(page.webSocket.readyState).toBe(page.webSocket.OPEN);
    page.send({ op: "cancel", ref: "a" });
    expect(await page.untilEnd("a")).toMatchObject({ type: "stop", reason: "cancelled" });
    expect((await page.closed)[0]).toBe(4401);
  });
});

describe("a handshake that is none", () => {
  const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  const version = "Sec-WebSocket-Version: 13\r\n";
  const protocol = "Sec-WebSocket-Protocol: gatestream.v1\r\n";
  const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";

  test.each([
    ["without a key", 400, `${upgrade}${version}${protocol}`],
    ["of another version", 400, `${upgrade}${key}Sec-WebSocket-Version: 7\r\n${protocol}`],
    ["without our subprotocol", 400, `${upgrade}${key}${version}`],
    [
      "with a subprotocol that cannot be one",
      400,
      `${upgrade}${key}${version}Sec-WebSocket-Protocol: gatestream.v1, \x01\r\n`,
    ],
    ["for HTTP/2", 400, `Connection: Upgrade\r\nUpgrade: h2c\r\n`],
    ["for nothing", 426, ""],
  ])("%s is answered %d", async (_, status, headers) => {
    await using under = await startWatchedRelay();
    using client = await connectRaw(under.url);
    client.send(`GET /api/llm/socket HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`);
    const reply = await client.reply();
    expect(reply?.status).toBe(status);
    if (reply?.text !== "")
      expect(JSON.parse(reply?.text ?? "").error.code).toBe("invalid_request");
    client.socket.destroy();
    await under.expectUnharmed();
  });

  test("a POST is refused with the allowed method", async () => {
    await using under = await startRelay();
    const reply = await replyTo(ask(`${under.url}/api/llm/socket`, {}));
    expect([reply.status, reply.headers.allow]).toEqual([405, "GET"]);
    expect(refusalIn(reply).code).toBe("method_not_allowed");
  });

  test("at another path it is 404, and the connection is closed", async () => {
    await using under = await startWatchedRelay();
    using client = await connectRaw(under.url);
    client.send(
      `GET /api/llm/stream HTTP/1.1\r\nHost: localhost\r\n${upgrade}${key}${version}\r\n`,
    );
    expect(expectRefused(await client.reply())).toBe("not_found");
    await client.untilClosed();
    await under.expectUnharmed();
  });
});

test("a request that offers HTTP/2 as well is answered as if it did not, its body included", async () => {
  await using under = await startWatchedRelay();
  using client = await connectRaw(under.url);
  const body = JSON.stringify(twoTokens);
  client.send(
    "POST /api/llm/stream HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
      "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n" +
      `Content-Length: ${body.length}\r\n\r\n${body.slice(0, 5)}`,
  );
  await new Promise(setImmediate);
  client.send(body.slice(5));
  const reply = await client.reply();
  expect([reply?.status, reply?.text]).toEqual([200, expect.stringContaining('"type":"stop"')]);
  client.socket.destroy();
  await under.expectUnharmed();
});

test("mounted in another server, both have their sockets", async () => {
  await using under = await startRelay({ basePath: "/backend/llm" });
  const server = createServer(under.relay.handler);
  const others = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket, head) => {
    if (under.relay.upgrade(request, socket, head)) return;
    others.handleUpgrade(request, socket, head, (webSocket) => webSocket.send('{"type":"hello"}'));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  {
    using page = await openPage(url, { path: "/backend/llm/socket?tab=1" });
    page.send({ op: "start", ref: "a", body: twoTokens });
    expect(await page.untilEnd("a")).toMatchObject({ type: "stop" });
    using other = await openPage(url, { path: "/chat", protocols: [] });
    expect(await other.until(() => true)).toEqual({ type: "hello" });
    await under.relay.close();
    expect((await page.closed)[0]).toBe(1012);
    expect(other.webSocket.readyState).toBe(other.webSocket.OPEN);
  }
  await new Promise((resolve) => server.close(resolve));
});

test("sockets count as connections", async () => {
  await using under = await startRelay({ maxConnections: 1 });
  using page = await openPage(under.url);
  using client = await connectRaw(under.url);
  await client.untilClosed();
  expect(await under.untilObserved("connection_dropped")).toBeDefined();
  expect(page.webSocket.readyState).toBe(page.webSocket.OPEN);
});
