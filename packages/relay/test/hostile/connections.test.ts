import { expect, test } from "vitest";
import type { ObserverEvent } from "../../src/observe/observer.ts";
import { question } from "@gatestream/testing/ask";
import { connectRaw, rawHead, rawPost, type RawClient } from "@gatestream/testing/raw-client";
import { settledHeap } from "@gatestream/testing/settled-heap";
import { startWatchedRelay, type WatchedRelay } from "@gatestream/testing/watched-relay";

const connectionsEachRound = 500;
/** As many as are open at once. */
const batchSize = 250;
const rounds = 3;
/** What may be left in the heap of each connection, in bytes; a stream or a socket takes thousands. */
const leftOfEachBytes = 512;

const silent = rawPost(JSON.stringify(question("/scenario silent")));
const stalled = rawPost(JSON.stringify(question("/scenario stall")));

/** What a client has done before it goes. */
const phases: readonly ((client: RawClient) => unknown)[] = [
  // It has connected.
  () => undefined,
  // It has sent half of the headers.
  ({ send }) => send("POST /api/llm/stream HTTP/1.1\r\nHost: rel"),
  // It has sent half of the body.
  ({ send }) => send(Buffer.concat([rawHead("Content-Length: 100\r\n"), Buffer.from('{"config')])),
  // It waits for the gateway's first byte.
  ({ send }) => send(silent),
  // It is in the middle of the answer.
  async ({ send, until }) => {
    send(stalled);
    await until("id: 8");
  },
];

/** It says goodbye, or it does not. */
const ways: readonly ((client: RawClient) => void)[] = [
  ({ socket }) => void socket.end(),
  ({ socket }) => void socket.resetAndDestroy(),
];

async function comeAndGo({ url, emulator, ...under }: WatchedRelay): Promise<void> {
  const clients = await Promise.all(
    Array.from({ length: batchSize }, async (_, index) => {
      const client = await connectRaw(url);
      await phases[index % phases.length]?.(client);
      return client;
    }),
  );
  const isSilent = (call: { scenario?: string }): boolean => call.scenario === "silent";
  const silentCount = batchSize / phases.length;
  await emulator.waitFor(() => emulator.calls.filter(isSilent).length === silentCount);
  await Promise.all(
    clients.map((client, index) => {
      ways[index % ways.length]?.(client);
      return client.untilClosed();
    }),
  );
  await under.untilNothingLeft();
  const chats = emulator.calls.filter(({ kind }) => kind === "chat");
  expect(chats).toHaveLength(2 * silentCount);
  expect(chats.every(({ state }) => state === "aborted")).toBe(true);
  // What the test itself keeps is no leak of the relay.
  emulator.reset();
  (under.observed as ObserverEvent[]).length = 0;
}

/** Bytes in the heap after as many clients as there are in a round. */
async function heapAfterRound(under: WatchedRelay): Promise<number> {
  for (let gone = 0; gone < connectionsEachRound; gone += batchSize) await comeAndGo(under);
  return settledHeap();
}

test(
  "thousands of clients that leave in every phase leave nothing in the heap",
  { timeout: 120_000 },
  async () => {
    await using under = await startWatchedRelay({
      requestsPerMinute: 1_000_000,
      maxConcurrentStreams: batchSize,
    });
    // The first rounds compile, and fill what is bounded.
    await heapAfterRound(under);
    const warm = await heapAfterRound(under);
    const leftBytes = [];
    for (let round = 1; round <= rounds; round += 1) {
      leftBytes.push(((await heapAfterRound(under)) - warm) / (round * connectionsEachRound));
    }
    // What leaks is there after every round; what only was not collected yet, is not.
    expect(Math.min(...leftBytes)).toBeLessThan(leftOfEachBytes);
    await under.expectUnharmed();
  },
);
