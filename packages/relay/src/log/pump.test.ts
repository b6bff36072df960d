import type { StreamEvent, TerminalEvent } from "@gatestream/protocol";
import { assert, expect, test } from "vitest";
import { describeError, RelayError, toRelayError } from "../errors.ts";
import { createDirectLog } from "./direct/direct-log.ts";
import { pump } from "./pump.ts";

const token = (content: string): StreamEvent => ({ type: "token", content, index: 0 });
const stop: StreamEvent = { type: "stop", reason: "stop" };

type Batches = AsyncIterable<readonly StreamEvent[]>;

function terminalFor(failure: unknown): TerminalEvent {
  return { type: "error", ...describeError(toRelayError(failure), "r-1") };
}

/** Pumps an answer through a real log and reads it to its end. */
async function pumped(answer: Promise<Batches>, signal = new AbortController().signal) {
  const log = createDirectLog();
  const writer = await log.create("s-1", { subject: "ada" });
  const events = await log.follow("s-1", { after: 0, signal: new AbortController().signal });
  assert(events !== undefined);
  const seen: StreamEvent[] = [];
  const onBatch = (batch: readonly StreamEvent[]): void => void seen.push(...batch);
  const ending = pump(answer, writer, { signal, terminalFor, onBatch });
  const read: StreamEvent[] = [];
  for await (const batch of events) read.push(...batch.events);
  await ending;
  return { read, seen };
}

test("an answer is logged as it is", async () => {
  async function* answer(): Batches {
    yield [token("a"), token("b")];
    yield [token("c"), stop];
  }
  const { read, seen } = await pumped(Promise.resolve(answer()));
  expect(read).toEqual([token("a"), token("b"), token("c"), stop]);
  expect(seen).toEqual(read);
});

test("nothing comes after the terminal event, and the answer is left", async () => {
  let isLeft = false;
  async function* answer(): Batches {
    try {
      yield [stop];
      yield [token("late")];
    } finally {
      isLeft = true;
    }
  }
  const { read } = await pumped(Promise.resolve(answer()));
  expect(read).toEqual([stop]);
  expect(isLeft).toBe(true);
});

test("an answer that ends without a terminal event is never told as success", async () => {
  async function* answer(): Batches {
    yield [token("a")];
  }
  const { read } = await pumped(Promise.resolve(answer()));
  expect(read).toMatchObject([token("a"), { type: "error", code: "gateway_protocol_error" }]);
});

test("an answer without any event gets a terminal event", async () => {
  async function* answer(): Batches {}
  const { read } = await pumped(Promise.resolve(answer()));
  expect(read).toMatchObject([{ type: "error", code: "gateway_protocol_error" }]);
});

test("a failure in the middle comes after what was understood", async () => {
  async function* answer(): Batches {
    yield [token("a")];
    throw new RelayError("gateway_interrupted", "Cut.");
  }
  const { read, seen } = await pumped(Promise.resolve(answer()));
  expect(read).toMatchObject([token("a"), { type: "error", code: "gateway_interrupted" }]);
  expect(seen).toEqual(read);
});

test("an answer that never opens gets a terminal event, and the pump does not reject", async () => {
  const { read } = await pumped(Promise.reject(new Error("boom")));
  expect(read).toMatchObject([{ type: "error", code: "internal_error", requestId: "r-1" }]);
});

test("an empty batch is no end", async () => {
  async function* answer(): Batches {
    yield [];
    yield [token("a"), stop];
  }
  expect((await pumped(Promise.resolve(answer()))).read).toEqual([token("a"), stop]);
});

test("the answer is not read faster than the log takes it", async () => {
  const log = createDirectLog();
  const writer = await log.create("s-1", { subject: "ada" });
  const events = await log.follow("s-1", { after: 0, signal: new AbortController().signal });
  assert(events !== undefined);
  let given = 0;
  async function* answer(): Batches {
    for (; given < 100; given += 1) yield [token(String(given))];
    yield [stop];
  }
  const ending = pump(Promise.resolve(answer()), writer, {
    signal: new AbortController().signal,
    terminalFor,
    onBatch: () => {},
  });
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  // One for the reader to take, one whose promise is held.
  expect(given).toBe(1);
  for await (const batch of events) expect(batch.events.length).toBeLessThanOrEqual(2);
  await expect(ending).resolves.toBeUndefined();
});

test("a reader that is gone does not hold the pump", async () => {
  const log = createDirectLog();
  const writer = await log.create("s-1", { subject: "ada" });
  const leaving = new AbortController();
  await log.follow("s-1", { after: 0, signal: leaving.signal });
  async function* answer(): Batches {
    yield [token("a")];
    yield [token("b")];
    yield [stop];
  }
  const ending = pump(Promise.resolve(answer()), writer, {
    signal: new AbortController().signal,
    terminalFor,
    onBatch: () => {},
  });
  leaving.abort();
  await expect(ending).resolves.toBeUndefined();
});

test("a provider that does not look at its signal is not listened to any more", async () => {
  const ending = new AbortController();
  async function* answer(): Batches {
    yield [token("a")];
    ending.abort(new RelayError("slow_consumer", "Too slow."));
    yield [token("b")];
    yield [stop];
  }
  const { read } = await pumped(Promise.resolve(answer()), ending.signal);
  expect(read).toMatchObject([token("a"), { type: "error", code: "slow_consumer" }]);
});

test("a log that fails is the pump's own failure", async () => {
  const writer = {
    isResumable: false,
    closed: new AbortController().signal,
    append: () => {
      throw new Error("the disk is full");
    },
  };
  async function* answer(): Batches {
    yield [token("a"), stop];
  }
  const ending = pump(Promise.resolve(answer()), writer, {
    signal: new AbortController().signal,
    terminalFor,
    onBatch: () => {},
  });
  await expect(ending).rejects.toThrow("the disk is full");
});
