import { expect, test } from "vitest";
import { ask, question, replyTo } from "@gatestream/testing/ask";
import { connectRaw, rawHead, type RawClient } from "@gatestream/testing/raw-client";
import { startWatchedRelay } from "@gatestream/testing/watched-relay";

const requestTimeoutMs = 200;
const pauseMs = 5;

/** Sends a byte now and then until it is cut off; how long that took, in milliseconds. */
async function drip({ socket, send }: RawClient): Promise<number> {
  const startedAt = performance.now();
  const dripping = setInterval(() => send("x"), pauseMs);
  await new Promise((resolve) => {
    socket.once("close", resolve);
  });
  clearInterval(dripping);
  return performance.now() - startedAt;
}

const slowRequests = [
  ["a request line", "POST /"],
  ["a header", "POST /api/llm/stream HTTP/1.1\r\nHost: localhost\r\nX-Slow: "],
  ["a body of a stated length", rawHead("Content-Length: 100000\r\n")],
  [
    "a body in chunks",
    Buffer.concat([rawHead("Transfer-Encoding: chunked\r\n"), Buffer.from("ffff\r\n")]),
  ],
  ["trailers", Buffer.concat([rawHead("Transfer-Encoding: chunked\r\n"), Buffer.from("0\r\nX-")])],
  [
    "the body of a request that was refused at once",
    "PUT /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n",
  ],
] as const;

test.each(slowRequests)("%s a byte at a time is cut off in the end", async (_, start) => {
  await using under = await startWatchedRelay({ requestTimeoutMs });
  using client = await connectRaw(under.url);
  client.send(start);
  const tookMs = await drip(client);
  expect(tookMs).toBeGreaterThan(requestTimeoutMs - 50);
  expect(await client.untilClosed()).toMatch(/^(?:HTTP\/1\.1 4\d\d [^]*)?$/);
  expect(under.emulator.calls).toEqual([]);
  await under.expectUnharmed();
});

test("a slow request is cut off soon after requestTimeoutMs, not after twice as long", async () => {
  await using under = await startWatchedRelay({ requestTimeoutMs: 4_000 });
  using client = await connectRaw(under.url);
  client.send("POST /");
  let isLate = false;
  const late = setTimeout(() => {
    isLate = true;
  }, 7_000);
  await client.untilClosed();
  clearTimeout(late);
  expect(isLate).toBe(false);
});

test("a hundred slow clients do not delay others", async () => {
  await using under = await startWatchedRelay({ requestTimeoutMs: 1_000 });
  const clients = await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      const client = await connectRaw(under.url);
      client.send(slowRequests[index % slowRequests.length]?.[1] ?? "");
      return client;
    }),
  );
  const allCut = Promise.all(clients.map(drip));
  for (let count = 0; count < 10; count += 1) {
    const { text } = await replyTo(ask(under.streamUrl, question("/scenario many-tokens 10")));
    expect(text).toContain('"type":"stop"');
  }
  await allCut;
  await under.expectUnharmed();
});

test("a request that takes its time, but not too much, is served", async () => {
  await using under = await startWatchedRelay({ requestTimeoutMs: 60_000 });
  using client = await connectRaw(under.url);
  const body = JSON.stringify(question("/scenario many-tokens 2"));
  const bytes = Buffer.concat([rawHead(`Content-Length: ${body.length}\r\n`), Buffer.from(body)]);
  client.socket.setNoDelay(true);
  for (const byte of bytes) {
    client.send(Buffer.of(byte));
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  expect(await client.reply()).toMatchObject({ status: 200 });
});
