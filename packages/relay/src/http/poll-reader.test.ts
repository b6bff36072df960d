import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setImmediate as loopTurn } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { ask, replyTo, responseTo } from "@gatestream/testing/ask";
import { startHost } from "@gatestream/testing/host";
import { LogBatch } from "../log/log-batch.ts";
import { PollReader, type PollReaderOptions } from "./poll-reader.ts";

const settings: PollReaderOptions = {
  streamId: "s-1",
  requestId: "r-1",
  expiresAt: undefined,
  after: 4,
  waitMs: 60_000,
  maxBufferedBytes: 1_024,
  slowConsumerTimeoutMs: 60_000,
};

/** A reader for each request, open already. */
async function serve(options: Partial<PollReaderOptions> = {}) {
  const readers: { reader: PollReader; response: ServerResponse }[] = [];
  const host = await startHost((_, response) => {
    const reader = new PollReader(response, { ...settings, ...options });
    reader.open();
    readers.push({ reader, response });
  });
  async function accepted() {
    while (readers.length === 0) await loopTurn();
    return readers[0] ?? expect.unreachable();
  }
  return { ...host, accepted };
}

const token = (content: string) => ({ type: "token", content, index: 0 }) as const;
const get = { method: "GET" };

test("what comes in one turn is one answer, and it has left then", async () => {
  await using host = await serve();
  const reply = replyTo(ask(host.url, undefined, get));
  const { reader } = await host.accepted();
  const onLeft = vi.fn<() => void>();
  reader.onLeft = onLeft;
  expect(
    reader.write(new LogBatch(5, [token("a"), { type: "warning", code: "malformed_line" }])),
  ).toBe(true);
  expect(reader.write(new LogBatch(6, [token("b")]))).toBe(true);
  expect(JSON.parse((await reply).text)).toEqual({
    events: [
      { id: 5, ...token("a") },
      { type: "warning", code: "malformed_line" },
      { id: 6, ...token("b") },
    ],
    next: 6,
    isOver: false,
  });
  expect(reader.hasLeft).toBe(true);
  expect(onLeft).toHaveBeenCalledTimes(1);
  expect(reader.write(new LogBatch(7, [token("c")]))).toBe(false);
  await reader.end();
});

test("notices alone wait for an event, or for the end of the wait", async () => {
  await using host = await serve({ waitMs: 50 });
  const reply = replyTo(ask(host.url, undefined, get));
  const { reader } = await host.accepted();
  reader.write(new LogBatch(5, [{ type: "queued", position: 1 }]));
  expect(JSON.parse((await reply).text)).toEqual({
    events: [{ type: "queued", position: 1 }],
    next: 4,
    isOver: false,
  });
});

test("an event that is bigger than the bound comes alone, and takes no more with it", async () => {
  await using host = await serve();
  const reply = replyTo(ask(host.url, undefined, get));
  const { reader } = await host.accepted();
  const big = token("x".repeat(2_000));
  const stop = { type: "stop", reason: "stop" } as const;
  expect(reader.write(new LogBatch(5, [big, token("b"), stop]))).toBe(false);
  expect(JSON.parse((await reply).text)).toEqual({
    events: [{ id: 5, ...big }],
    next: 5,
    isOver: false,
  });
});

test("the end is known by the terminal event", async () => {
  await using host = await serve();
  const reply = replyTo(ask(host.url, undefined, get));
  const { reader } = await host.accepted();
  reader.write(new LogBatch(5, [{ type: "stop", reason: "stop" }]));
  await reader.end();
  expect(JSON.parse((await reply).text)).toMatchObject({ next: 5, isOver: true });
});

test("a client that does not read its answer is cut off", async () => {
  await using host = await serve({ slowConsumerTimeoutMs: 100 });
  const asking = ask(host.url, undefined, get);
  const { reader, response } = await host.accepted();
  // More than the system takes in for it.
  reader.write(new LogBatch(5, [token("x".repeat(32 * 1_048_576))]));
  const answer = await responseTo(asking);
  await reader.end();
  expect(response.destroyed).toBe(true);
  await expect(answer.toArray()).rejects.toThrow("aborted");
});

test("a client that leaves is left by everything", async () => {
  await using host = await serve();
  const asking = ask(host.url, undefined, get);
  const { reader, response } = await host.accepted();
  const hasLeft = new Promise<void>((resolve) => {
    reader.onLeft = resolve;
  });
  asking.destroy();
  await hasLeft;
  expect(reader.hasLeft).toBe(true);
  expect(reader.write(new LogBatch(5, [token("a")]))).toBe(false);
  await reader.end();
  expect(response.headersSent).toBe(false);
});

test("one that had left before is not waited for", async () => {
  await using host = await startHost(() => {});
  const asking = ask(host.url, undefined, get);
  while (host.responses.length === 0) await loopTurn();
  const [response = expect.unreachable()] = host.responses;
  asking.destroy();
  await once(response, "close");
  const reader = new PollReader(response, settings);
  reader.open();
  expect(reader.hasLeft).toBe(true);
  await reader.end();
});
