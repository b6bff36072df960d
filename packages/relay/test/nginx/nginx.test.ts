import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { setImmediate as loopTurn } from "node:timers/promises";
import { constants, gunzipSync } from "node:zlib";
import type { EmulatorCall } from "@gatestream/emulator";
import { describe, expect, test } from "vitest";
import { deferred } from "../../src/testing/deferred.ts";
import { startTcpServer } from "../../src/gateway/testing/servers.ts";
import { ask, question, replyTo, responseTo, textUntil } from "@gatestream/testing/ask";
import { startHeldGateway } from "@gatestream/testing/held-gateway";
import { poll } from "@gatestream/testing/long-poll";
import { isNginxInstalled, startNginx } from "@gatestream/testing/nginx";
import { parseStream } from "@gatestream/testing/parse-events";
import { startRelay } from "@gatestream/testing/relay-under-test";
import { askForWhole, lastId } from "@gatestream/testing/whole-answer";

type Replaced = Readonly<Record<string, string>>;

const isChat = ({ kind }: EmulatorCall): boolean => kind === "chat";
const isAbortedChat = ({ kind, state }: EmulatorCall): boolean =>
  kind === "chat" && state === "aborted";
const hasStalled = (received: string): boolean => received.includes("id: 8\n");

const buffered = { "proxy_buffering off;": "proxy_buffering on;" };
// What comes in chunks nginx passes on even so; over HTTP/1.0 nothing comes in chunks.
const http10 = { "proxy_http_version 1.1;": "proxy_http_version 1.0;" };
const deaf = "proxy_ignore_headers X-Accel-Buffering;";
const gzip = "gzip on; gzip_types text/event-stream;";

describe.skipIf(!isNginxInstalled)("behind nginx", () => {
  test.each<[string, boolean, Replaced]>([
    ["the file as it is: yes", true, {}],
    ["the file alone: yes", true, { ...http10, "gzip off;": deaf }],
    ["the relay's header alone: yes", true, { ...http10, ...buffered }],
    ["neither: no", false, { ...http10, ...buffered, "gzip off;": deaf }],
    ["compressed, the file alone: yes", true, { "gzip off;": gzip + deaf }],
    ["compressed, the relay's header alone: yes", true, { ...buffered, "gzip off;": gzip }],
    ["compressed, neither: no", false, { ...buffered, "gzip off;": gzip + deaf }],
  ])("do tokens pass while the answer goes on? %s", async (_, pass, replaced) => {
    await using under = await startRelay({ emulator: { scenario: "stall" } });
    await using tap = await startTap(under.url);
    await using nginx = await startNginx(tap.url, { replaced });
    const headers = { "Accept-Encoding": "gzip" };
    const asking = ask(nginx.streamUrl, question("Hello"), { headers });
    const answered = responseTo(asking);
    const pieces: Buffer[] = [];
    asking.on("response", (response) => response.on("data", (piece) => pieces.push(piece)));
    await tap.hasSentTokens;
    // One process with one event loop: when it has answered this, it has had time for the tokens.
    await replyTo(ask(`${nginx.url}/api/llm/nowhere`, {}));
    await loopTurn();
    expect(hasStalled(unpacked(pieces))).toBe(pass);
    expect(under.emulator.calls.find(isChat)?.state).toBe("open");

    await under.relay.close();
    const response = await answered;
    const isCompressed = response.headers["content-encoding"] === "gzip";
    expect(isCompressed).toBe(replaced["gzip off;"]?.startsWith(gzip) ?? false);
    if (!response.readableEnded) await once(response, "end");
    const stream = parseStream(unpacked(pieces));
    expect(stream.events.at(-1)).toMatchObject({ id: "9", event: { code: "relay_draining" } });
  });

  test("polls are answered one by one, though nginx buffers and the relay's header is ignored", async () => {
    await using gateway = await startHeldGateway({ hold: "pieces" });
    const genesys = { loginUrl: gateway.url, apiUrl: gateway.url };
    await using under = await startRelay({ genesys });
    const replaced = { ...http10, ...buffered, "gzip off;": deaf };
    await using nginx = await startNginx(under.url, { replaced });
    const headers = { Prefer: "respond-async" };
    const started = await replyTo(ask(nginx.streamUrl, askForWhole, { headers }));
    const target = `${nginx.streamUrl}/${JSON.parse(started.text).streamId}`;
    for (let after = 0; after < lastId; after += 1) {
      const polling = poll(target, { after, wait: 30 });
      await gateway.release(1);
      expect(await polling).toMatchObject({ next: after + 1, isOver: after + 1 === lastId });
    }
    expect(await poll(target, { after: lastId })).toEqual({
      events: [],
      next: lastId,
      isOver: true,
    });
  });

  test("one address holds no more streams than limit_conn says; more are refused", async () => {
    await using under = await startRelay({ emulator: { scenario: "stall" } });
    const replaced = {
      "limit_conn gatestream_addresses 64;": "limit_conn gatestream_addresses 2;",
    };
    await using nginx = await startNginx(under.url, { replaced });
    for (const stream of ["first", "second"]) {
      const response = await responseTo(ask(nginx.streamUrl, question(stream)));
      expect(response.statusCode).toBe(200);
    }
    const { statusCode } = await responseTo(ask(nginx.streamUrl, question("third")));
    expect(statusCode).toBe(429);
    await under.relay.close();
  });

  describe("nginx gives up on a silence of proxy_read_timeout", () => {
    const replaced = { "proxy_read_timeout 60s;": "proxy_read_timeout 1s;" };

    test("heartbeats carry a stream over it", async () => {
      const { promise: thought, resolve: answer } = deferred();
      const clock = { now: () => performance.now(), wait: () => thought };
      await using under = await startRelay({
        firstByteGraceMs: 0,
        heartbeatMs: 200,
        emulator: { scenario: "slow-headers", clock },
      });
      await using nginx = await startNginx(under.url, { replaced });
      const response = await responseTo(ask(nginx.streamUrl, question("Think hard")));
      const before = await textUntil(response, (all) => all.split(": heartbeat").length > 8);
      answer();
      const { events } = parseStream(before + (await text(response)));
      expect(events.at(-1)?.event).toEqual({ type: "stop", reason: "stop" });
    });

    test("without them the stream is cut, and the gateway connection is closed", async () => {
      await using under = await startRelay({
        firstByteGraceMs: 0,
        heartbeatMs: 60_000,
        emulator: { scenario: "silent" },
      });
      await using nginx = await startNginx(under.url, { replaced });
      const response = await responseTo(ask(nginx.streamUrl, question("Think hard")));
      await expect(text(response)).rejects.toThrow("aborted");
      await under.emulator.waitFor(isAbortedChat);
    });

    test("headers that are held for longer are a 504 of nginx's own, and the gateway connection is closed", async () => {
      await using under = await startRelay({
        firstByteGraceMs: 60_000,
        emulator: { scenario: "silent" },
      });
      await using nginx = await startNginx(under.url, { replaced });
      const { status, text: page } = await replyTo(ask(nginx.streamUrl, question("Think hard")));
      expect(status).toBe(504);
      expect(page).toContain("<center>nginx");
      await under.emulator.waitFor(isAbortedChat);
    });
  });

  describe("a reader's leaving reaches the gateway", () => {
    test("in the middle of an answer", async () => {
      await using under = await startRelay({ emulator: { scenario: "stall" } });
      await using nginx = await startNginx(under.url);
      const response = await responseTo(ask(nginx.streamUrl, question("Hello")));
      await textUntil(response, hasStalled);
      response.destroy();
      await under.emulator.waitFor(isAbortedChat);
      expect(await under.untilObserved("stream_ended")).toMatchObject({ readerLeft: true });
    });

    test("before the first byte", async () => {
      const emulator = { scenario: "silent" } as const;
      await using under = await startRelay({ firstByteGraceMs: 600_000, emulator });
      await using nginx = await startNginx(under.url);
      const asking = ask(nginx.streamUrl, question("Hello"));
      await under.emulator.waitFor(({ scenario }) => scenario === "silent");
      asking.destroy();
      await under.emulator.waitFor(isAbortedChat);
      expect(await under.untilObserved("stream_ended")).toMatchObject({ readerLeft: true });
    });
  });

  test("HTTP/2: ten streams share a connection, each in time, and one that is closed releases the gateway", async () => {
    await using under = await startRelay({ emulator: { scenario: "stall" } });
    await using nginx = await startNginx(under.url, { http2: true });
    const session = connectHttp2(nginx.url);
    const streams = Array.from({ length: 10 }, () => {
      const stream = session.request({
        ":method": "POST",
        ":path": "/api/llm/stream",
        "content-type": "application/json",
      });
      stream.on("error", () => {});
      return stream.end(JSON.stringify(question("Hello")));
    });
    await Promise.all(
      streams.map(async (stream) => {
        for (let received = ""; !hasStalled(received);) {
          received += String((await once(stream, "data"))[0]);
        }
      }),
    );
    streams[0]?.close();
    await under.emulator.waitFor(isAbortedChat);
    const states = under.emulator.calls.filter(isChat).map(({ state }) => state);
    expect(states.filter((state) => state === "open")).toHaveLength(9);
    session.destroy();
  });
});

/** Stands between nginx and the relay, and sees what nginx is sent. */
async function startTap(relayUrl: string) {
  const { promise: hasSentTokens, resolve } = deferred();
  let sent = "";
  const server = await startTcpServer((socket) => {
    const relay = connect(Number(new URL(relayUrl).port), "127.0.0.1");
    relay.on("error", () => {});
    socket.pipe(relay).pipe(socket);
    relay.on("data", (piece) => {
      sent += String(piece);
      if (hasStalled(sent)) resolve();
    });
  });
  return { ...server, hasSentTokens };
}

/** What has arrived, uncompressed where it was compressed. */
function unpacked(pieces: readonly Buffer[]): string {
  const bytes = Buffer.concat(pieces);
  const isGzip = bytes[0] === 0x1f;
  return String(isGzip ? gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }) : bytes);
}
