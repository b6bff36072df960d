import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { ask, question, replyTo } from "@gatestream/testing/ask";
import { collectFatalErrors } from "@gatestream/testing/fatal-errors";
import { connectRaw, rawPost, type RawClient } from "@gatestream/testing/raw-client";
import { startRelay, type RelayUnderTest } from "@gatestream/testing/relay-under-test";
import { startWatchedRelay } from "@gatestream/testing/watched-relay";
import { readWholeAnswers } from "@gatestream/testing/witness";

/** Connections of the fuzz test; a run by hand takes more. */
const connectionCount = Number(process.env["FUZZ_CONNECTIONS"] ?? 400);
const seed = Number(process.env["FUZZ_SEED"] ?? 1);
const laneCount = 20;

const websocket =
  "Connection: Upgrade\r\nUpgrade: websocket\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
const protocol = "Sec-WebSocket-Protocol: gatestream.v1\r\n";
const body = JSON.stringify(question("/scenario many-tokens 2"));

function get(path: string, headers = ""): string {
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`;
}

const upgrades: Readonly<Record<string, string>> = {
  "to HTTP/2": get("/b", "Connection: Upgrade\r\nUpgrade: h2c\r\n"),
  "to a WebSocket at another path": get("/b", websocket),
  "to a WebSocket without our subprotocol": get("/api/llm/socket", websocket),
  "to a WebSocket by a page of another origin": get(
    "/api/llm/socket",
    `${websocket}${protocol}Origin: https://elsewhere.example\r\n`,
  ),
  "to a WebSocket": get("/api/llm/socket", websocket + protocol),
};

/** A relay that listens itself, and one mounted in another server. */
const servers: Readonly<Record<string, (under: RelayUnderTest) => Promise<string>>> = {
  "a relay": async ({ url }) => url,
  async "a host"({ relay }) {
    const server = createServer(relay.handler);
    server.on("upgrade", relay.upgrade);
    await once(server.listen(0, "127.0.0.1"), "listening");
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  },
};

describe.each(Object.entries(servers))("%s", (_, start) => {
  test.each(Object.entries(upgrades))(
    "closes a connection that asks for an upgrade %s before the request ahead of it is answered",
    async (_name, upgrade) => {
      const fatalErrors = collectFatalErrors();
      await using under = await startRelay();
      const url = await start(under);
      using client = await connectRaw(url);
      client.send(get("/a") + upgrade + get("/c"));
      await client.untilClosed();
      const reply = await replyTo(ask(`${url}/api/llm/stream`, body));
      expect(reply.status).toBe(200);
      expect(fatalErrors).toEqual([]);
    },
  );

  test("aborts the gateway's request when a stream's connection asks for an upgrade", async () => {
    await using under = await startRelay({ emulator: { scenario: "stall" } });
    using client = await connectRaw(await start(under));
    client.send(rawPost(JSON.stringify(question("Hello"))));
    await client.until('"index":7');
    client.send(get("/api/llm/socket", websocket + protocol));
    await client.untilClosed();
    await under.emulator.waitFor(({ kind, state }) => kind === "chat" && state === "aborted");
  });

  test("answers a request that offers another protocol as if it did not", async () => {
    await using under = await startRelay();
    using client = await connectRaw(await start(under));
    for (let round = 0; round < 20; round += 1) {
      client.send(get("/healthz", "Connection: Upgrade\r\nUpgrade: h2c\r\n"));
      expect((await client.reply())?.status).toBe(200);
    }
  });

  test("refuses a WebSocket at another path", async () => {
    await using under = await startRelay();
    using client = await connectRaw(await start(under));
    client.send(get("/b", websocket));
    expect((await client.reply())?.status).toBe(404);
    await client.untilClosed();
  });

  test(
    "survives upgrades, resets and half-closes that are cut anywhere, and other streams are whole",
    { timeout: 900_000 },
    async () => {
      const fatalErrors = collectFatalErrors();
      await using under = await startWatchedRelay({
        requestsPerMinute: 1_000_000,
        maxConcurrentStreams: 1_000,
        emulator: { requestsPerMinute: 1_000_000 },
      });
      const url = await start(under);
      const scripts = fc.sample(script, { seed, numRuns: connectionCount });
      let isOver = false;
      const witness = readWholeAnswers(url, () => isOver);
      await Promise.all(
        Array.from({ length: laneCount }, async (_value, lane) => {
          for (let index = lane; index < scripts.length; index += laneCount) {
            const next = scripts[index];
            if (next !== undefined) await play(url, next);
          }
        }),
      );
      isOver = true;
      expect(await witness).toBeGreaterThan(0);
      await under.expectUnharmed();
      expect(fatalErrors).toEqual([]);
    },
  );
});

test("a connection whose requests offer HTTP/2 counts as one connection", async () => {
  await using under = await startRelay({ maxConnections: 2 });
  using client = await connectRaw(under.url);
  for (let round = 0; round < 10; round += 1) {
    client.send(get("/healthz", "Connection: Upgrade\r\nUpgrade: h2c\r\n"));
    expect((await client.reply())?.status).toBe(200);
  }
  expect((await replyTo(ask(`${under.url}/api/llm/stream`, body))).status).toBe(200);
  expect(under.observed.filter(({ type }) => type === "connection_dropped")).toEqual([]);
});

interface Script {
  readonly bytes: string;
  /** Where it is cut into pieces, as shares of its length. */
  readonly cuts: readonly number[];
  /** How much of it is sent, as a share of its length. */
  readonly sent: number;
  readonly ending: "reset" | "half-close" | "close";
}

const pieces = [
  ...Object.values(upgrades),
  get("/a"),
  get("/healthz"),
  get("/healthz", "Connection: Upgrade\r\nUpgrade: h2c\r\n"),
  get("/api/llm/stream/unknown"),
  rawPost(body).toString(),
  rawPost(body, "Connection: Upgrade\r\nUpgrade: h2c\r\n").toString(),
  rawPost(JSON.stringify(question("/scenario stall"))).toString(),
  // A text frame of a WebSocket, masked with zeros, and one that is closed.
  "\x81\x82\0\0\0\0{}",
  "\x88\x80\0\0\0\0",
  "\xFF\x00nothing",
];

const share = fc.double({ min: 0, max: 1, noNaN: true });
const script: fc.Arbitrary<Script> = fc.record({
  bytes: fc
    .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 5 })
    .map((p) => p.join("")),
  cuts: fc.array(share, { maxLength: 3 }),
  sent: fc.oneof(fc.constant(1), share),
  ending: fc.constantFrom("reset", "half-close", "close"),
});

async function play(url: string, { bytes, cuts, sent, ending }: Script): Promise<void> {
  using client = await connectRaw(url);
  const whole = Buffer.from(bytes, "latin1").subarray(0, Math.ceil(sent * bytes.length));
  const ends = [...cuts, 1].map((cut) => Math.ceil(cut * whole.length)).toSorted((a, b) => a - b);
  let start = 0;
  for (const end of ends) {
    client.send(whole.subarray(start, end));
    start = end;
    await new Promise(setImmediate);
  }
  await leave(client, ending);
}

async function leave({ socket, untilClosed }: RawClient, ending: Script["ending"]): Promise<void> {
  if (ending === "reset") socket.resetAndDestroy();
  else if (ending === "close") socket.destroy();
  else socket.end();
  await untilClosed();
}
