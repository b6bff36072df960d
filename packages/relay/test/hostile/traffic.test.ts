import { once } from "node:events";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { ObserverEvent } from "../../src/observe/observer.ts";
import { question } from "@gatestream/testing/ask";
import { collectFatalErrors } from "@gatestream/testing/fatal-errors";
import { startProcess, type OwnProcess } from "@gatestream/testing/own-process";
import { connectRaw, rawHead, rawPost } from "@gatestream/testing/raw-client";
import { settledHeap } from "@gatestream/testing/settled-heap";
import { createPage } from "@gatestream/testing/socket-page";
import { startWatchedRelay, type WatchedRelay } from "@gatestream/testing/watched-relay";
import { readWholeAnswers, witnessHeader } from "@gatestream/testing/witness";

/** Connections, frames and requests in all; a run by hand takes more. */
const trafficCount = Number(process.env["HOSTILE_COUNT"] ?? 500);
const seed = Number(process.env["FUZZ_SEED"] ?? 1);
const laneCount = 10;
/** How many of them each client makes at most. */
const perClient = 200;
/** What the heap may grow by, whatever the count, in bytes. */
const maxGrowthBytes = 16 * 1024 * 1024;

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
const chat = (scenario: string, more = {}): string =>
  JSON.stringify({ ...question(`/scenario ${scenario}`), ...more });

const requests: readonly string[] = [
  get("/nowhere"),
  get("/healthz"),
  get("/api/llm/stream/unknown"),
  get("/api/llm/socket"),
  "DELETE /api/llm/stream/unknown HTTP/1.1\r\nHost: localhost\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: rebound.example\r\n\r\n",
  get("/healthz").replace("\r\n\r\n", "\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"),
  rawPost("{").toString(),
  rawPost("[".repeat(5_000)).toString(),
  rawPost(chat("many-tokens 2")).toString(),
  rawPost(chat("http-500")).toString(),
  rawPost(chat("many-tokens 2", { onDisconnect: "detach" })).toString(),
  rawHead("Transfer-Encoding: chunked\r\n").toString() + "1\r\n{\r\n0\r\n\r\n",
];

const bytes: readonly string[] = [
  ...requests.map((request) => request.slice(0, request.length / 2)),
  "\x16\x03\x01\x00\xc8\x01",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  `GET / HTTP/1.1\r\nX: ${"x".repeat(20_000)}\r\n\r\n`,
];

const frames: readonly string[] = [
  '{"op":"follow","ref":"R","streamId":"unknown"}',
  '{"op":"cancel","ref":"R","streamId":"unknown"}',
  '{"op":"cancel","ref":"R"}',
  '{"op":"leave","ref":"R"}',
  `{"op":"start","ref":"R","body":{}}`,
  `{"op":"start","ref":"R","body":${chat("many-tokens 2")}}`,
  `{"op":"start","ref":"R","body":${chat("stall")}}`,
  `{"op":"start","ref":"R","body":${chat("many-tokens 2", { onDisconnect: "detach" })}}`,
];
const noFrames: readonly string[] = ["", "{", "[[[[", '{"op":"else"}', "null", '"\ud800"'];

interface HostileClient {
  readonly kind: "requests" | "bytes" | "frames";
  readonly picks: readonly number[];
  readonly ending: "reset" | "close" | "end";
}

const hostileClient: fc.Arbitrary<HostileClient> = fc.record({
  kind: fc.constantFrom("requests", "bytes", "frames"),
  picks: fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: perClient, size: "max" }),
  ending: fc.constantFrom("reset", "close", "end"),
});

function pick(from: readonly string[], index: number): string {
  return from[index % from.length] ?? "";
}

/** Sends what the client sends, and leaves; how much that was. */
async function play({ url }: WatchedRelay, client: HostileClient): Promise<number> {
  const { kind, picks, ending } = client;
  if (kind === "frames") {
    const page = createPage(url);
    await once(page.webSocket, "open");
    for (const [index, choice] of picks.entries()) {
      // Few that are none: they close the socket.
      const from = choice % 97 === 0 ? noFrames : frames;
      page.webSocket.send(pick(from, choice).replace("R", String(index % 64)), () => {});
    }
    if (ending === "close") page.webSocket.close();
    else page.webSocket.terminate();
    await page.closed;
    return picks.length + 1;
  }
  const isBytes = kind === "bytes";
  using raw = await connectRaw(url);
  const sent = isBytes ? picks.slice(0, 3) : picks;
  raw.send(
    Buffer.from(sent.map((choice) => pick(isBytes ? bytes : requests, choice)).join(""), "latin1"),
  );
  if (ending === "reset") raw.socket.resetAndDestroy();
  else if (ending === "end") raw.socket.end();
  else {
    await new Promise(setImmediate);
    raw.socket.destroy();
  }
  await raw.untilClosed();
  return sent.length + 1;
}

/** Hostile clients until there were `count` connections, frames and requests. */
async function attack(
  under: WatchedRelay,
  gateway: OwnProcess,
  { count, firstSeed }: { readonly count: number; readonly firstSeed: number },
): Promise<void> {
  let done = 0;
  let nextSeed = firstSeed;
  const lane = async (): Promise<void> => {
    while (done < count) {
      nextSeed += 1;
      for (const client of fc.sample(hostileClient, { seed: nextSeed, numRuns: 20 })) {
        const sent = await play(under, client);
        done += sent;
        if (done >= count) break;
      }
      // What the test itself keeps is no leak of the relay.
      (under.observed as ObserverEvent[]).length = 0;
    }
  };
  await Promise.all(Array.from({ length: laneCount }, lane));
  await under.untilNothingLeft();
  const rests = gateway.said.length;
  gateway.send("rest");
  await gateway.until((said) => gateway.said.indexOf(said) >= rests);
}

test(
  "hostile connections, frames and requests leave the process, its memory and other streams as they were",
  { timeout: 3_600_000 },
  async ({ annotate }) => {
    const fatalErrors = collectFatalErrors();
    // In this process the gateway would accept one connection while the relay opens hundreds.
    await using gateway = await startProcess("emulator", {
      tokensPerSecond: 0,
      requestsPerMinute: 1_000_000_000,
    });
    const { url } = await gateway.until(({ type }) => type === "listening");
    await using under = await startWatchedRelay({
      genesys: { loginUrl: String(url), apiUrl: String(url) },
      resume: "memory",
      retainClosedMs: 1_000,
      orphanGraceMs: 1_000,
      maxTotalLogBytes: 1024 * 1024,
      requestsPerMinute: 1_000_000,
      handshakeTries: 1,
      // The hostile clients fill the queue, and take turns with everybody else.
      authenticate: ({ headers }) => ({
        subject: headers[witnessHeader] === undefined ? "hostile" : "witness",
        isAnonymous: true,
      }),
    });
    // The first ones compile, and fill what is bounded.
    await attack(under, gateway, { count: Math.min(trafficCount, 20_000), firstSeed: seed });
    const heapBefore = await settledHeap();
    let isOver = false;
    const witness = readWholeAnswers(under.url, () => isOver);
    const traffic = { count: trafficCount, firstSeed: seed + 1_000_000 };
    await attack(under, gateway, traffic).finally(() => {
      isOver = true;
    });
    const wholeAnswers = await witness;
    await under.expectUnharmed();
    const grownBytes = (await settledHeap()) - heapBefore;
    expect(wholeAnswers).toBeGreaterThan(0);
    expect(fatalErrors).toEqual([]);
    expect(grownBytes).toBeLessThan(maxGrowthBytes);
    await annotate(
      `${trafficCount} hostile, ${wholeAnswers} whole answers, ${grownBytes} bytes more`,
    );
  },
);
