import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { webSocket } from "@gatestream/relay-websocket";
import { describe, expect, test } from "vitest";
import type { UpgradeTransport } from "../../src/http/upgrades.ts";
import { deferred } from "../../src/testing/deferred.ts";
import { ask, question, refusalIn, replyTo } from "@gatestream/testing/ask";
import { collectFatalErrors } from "@gatestream/testing/fatal-errors";
import { connectRaw } from "@gatestream/testing/raw-client";
import { startRelay } from "@gatestream/testing/relay-under-test";
import { createPage, openPage, refusedHandshake } from "@gatestream/testing/socket-page";
import { startWatchedRelay } from "@gatestream/testing/watched-relay";

const handshake =
  "GET /api/llm/socket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
  "Sec-WebSocket-Protocol: gatestream.v1\r\n\r\n";

// The first test of the file: the package is not loaded yet.
test("a relay that is closed while it loads the package closes the socket that asked for it", async () => {
  const fatalErrors = collectFatalErrors();
  await using under = await startWatchedRelay();
  const handled = deferred<[boolean, Promise<void>]>();
  const host = createServer(under.relay.handler).on("upgrade", (request, socket, head) => {
    handled.resolve([under.relay.upgrade(request, socket, head), under.relay.close()]);
  });
  await once(host.listen(0, "127.0.0.1"), "listening");
  using page = createPage(`http://127.0.0.1:${(host.address() as AddressInfo).port}`);
  const [isHandled, closed] = await handled.promise;
  expect(isHandled).toBe(true);
  await closed;
  // Where loading takes longer than a socket may take to close, it is destroyed.
  expect([1006, 1012]).toContain((await page.closed)[0]);
  await once(host.close(), "close");
  expect(fatalErrors).toEqual([]);
});

test("webSocket() in transports opens WebSockets", async () => {
  await using under = await startRelay({ transports: [webSocket()] });
  using page = await openPage(under.url);
  page.send({ op: "start", ref: "a", body: question("/scenario many-tokens 2") });
  expect(await page.untilEnd("a")).toMatchObject({ type: "stop" });
});

describe("without a transport", () => {
  const message =
    'This relay opens no WebSockets: they need the package "@gatestream/relay-websocket".';

  test("a handshake is refused with the name of the package, and the connection is closed", async () => {
    await using under = await startWatchedRelay({ transports: [] });
    const { status, text } = await refusedHandshake(under.url);
    expect([status, JSON.parse(text).error]).toMatchObject([404, { code: "not_found", message }]);
    expect(await under.untilObserved("request_refused")).toMatchObject({
      method: "GET",
      path: "/api/llm/socket",
      error: { code: "not_found" },
    });
    await under.expectUnharmed();
  });

  test("a request that is no handshake gets the same answer", async () => {
    await using under = await startRelay({ transports: [] });
    const reply = await replyTo(ask(`${under.url}/api/llm/socket`, undefined, { method: "GET" }));
    expect([reply.status, refusalIn(reply).message]).toEqual([404, message]);
  });

  test("a page of another origin is refused first", async () => {
    await using under = await startRelay({ transports: [] });
    const headers = { Origin: "https://elsewhere.example" };
    expect((await refusedHandshake(under.url, { headers })).status).toBe(403);
  });
});

describe("a transport of a host's own", () => {
  /** It opens connections as `upgrade` does, and never closes by itself. */
  function transportWith(
    upgrade: ReturnType<UpgradeTransport["open"]>["upgrade"],
    path = "/other",
  ): UpgradeTransport {
    return { path, open: () => ({ upgrade, close: () => new Promise(() => {}) }) };
  }

  function otherHandshake(path: string): string {
    return `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n`;
  }

  test("has its own path, beside WebSockets, and knows who calls", async () => {
    const other = transportWith(async ({ socket, admit, path }) => {
      const { subject } = await admit();
      socket.end(`HTTP/1.1 101 Switching Protocols\r\n\r\n${subject} at ${path}`);
    });
    await using under = await startRelay({
      transports: [webSocket(), other],
      authenticate: () => ({ subject: "somebody" }),
    });
    using client = await connectRaw(under.url);
    client.send(otherHandshake("/api/llm/other"));
    expect(await client.untilClosed()).toContain("somebody at /api/llm/other");
    using page = await openPage(under.url);
    expect(page.webSocket.protocol).toBe("gatestream.v1");
    const plain = await replyTo(ask(`${under.url}/api/llm/other`, undefined, { method: "GET" }));
    expect(plain.status).toBe(426);
  });

  test("that fails is answered over HTTP, and affects no other", async () => {
    const other = transportWith(async () => {
      throw new Error("It failed.");
    });
    await using under = await startWatchedRelay({ transports: [other] });
    using client = await connectRaw(under.url);
    client.send(otherHandshake("/api/llm/other"));
    expect((await client.reply())?.status).toBe(500);
    await client.untilClosed();
    await under.expectUnharmed();
  });

  test("that is still opening a connection, and never closes, does not hold up close()", async () => {
    const fatalErrors = collectFatalErrors();
    const asked = deferred();
    const loaded = deferred();
    const webSockets = webSocket();
    const slow: UpgradeTransport = {
      path: webSockets.path,
      open(relay) {
        const opened = webSockets.open(relay);
        return {
          async upgrade(upgrade) {
            asked.resolve();
            await loaded.promise;
            await opened.upgrade(upgrade);
          },
          close: () => new Promise(() => {}),
        };
      },
    };
    await using under = await startWatchedRelay({ transports: [slow] });
    using client = await connectRaw(under.url);
    client.send(handshake);
    await asked.promise;
    await under.relay.close();
    await client.untilClosed();
    loaded.resolve();
    await under.untilNothingLeft();
    expect(under.observed).toEqual([]);
    expect(fatalErrors).toEqual([]);
  });

  test("a client that disconnects while its connection is opened affects no other", async () => {
    const fatalErrors = collectFatalErrors();
    const asked = deferred();
    const loaded = deferred();
    const other = transportWith(async () => {
      asked.resolve();
      await loaded.promise;
      throw new Error("Too late.");
    });
    await using under = await startWatchedRelay({ transports: [other] });
    using client = await connectRaw(under.url);
    client.send(otherHandshake("/api/llm/other"));
    await asked.promise;
    client.socket.resetAndDestroy();
    await under.untilNothingLeft();
    loaded.resolve();
    await under.expectUnharmed();
    expect(fatalErrors).toEqual([]);
  });
});
