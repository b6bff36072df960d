import { isTerminal, type StreamEvent } from "@gatestream/protocol";
import { expect, test, vi } from "vitest";
import { RelayError } from "../errors.ts";
import type { AnswerSink, Provider } from "../gateway/provider.ts";
import { deferred } from "../testing/deferred.ts";
import { DirectLog } from "../log/direct-log.ts";
import type { LogWriter } from "../log/event-log.ts";
import type { StreamEnded } from "../observe/observer.ts";
import { forwardTrace } from "../observe/trace.ts";
import type { AnswerRequest } from "./answer-request.ts";
import type { AnswerParts } from "../gateway/decode/read-answer.ts";
import { AbandonedError, Production } from "./produce.ts";

const token = (content: string): StreamEvent => ({ type: "token", content, index: 0 });
const stop: StreamEvent = { type: "stop", reason: "stop" };

const request: AnswerRequest = {
  streamId: "s-1",
  requestId: "r-1",
  caller: { subject: "ada" },
  owner: "ada",
  request: {
    configurationId: "c",
    messages: [{ role: "user", content: "Hello" }],
    onDisconnect: "abort",
  },
  idempotencyKey: undefined,
  incomingTrace: {},
  transport: "http",
};

type Batches = AsyncIterable<readonly StreamEvent[]>;

/** A provider whose answers are pulled. */
function pulling(answer: (signal: AbortSignal) => Batches | Promise<Batches>): Provider {
  return { name: "own", open: async (_, { signal }) => answer(signal), async close() {} };
}

/** A provider that gives the sink away. */
function pushing() {
  const state = {
    resumed: 0,
    cancelled: [] as unknown[],
    sink: undefined as AnswerSink | undefined,
  };
  const provider: Provider = {
    name: "own",
    open(_request, _context, sink) {
      state.sink = sink;
      return {
        resume: () => (state.resumed += 1),
        cancel: (reason) => state.cancelled.push(reason),
      };
    },
    async close() {},
  };
  return { provider, state };
}

/** A production into a real log whose reader accepts data as long as `reader.hasRoom` is true. */
function produce(provider: Provider, given: { writer?: LogWriter; hasRoom?: boolean } = {}) {
  const read: StreamEvent[] = [];
  const reader = { hasRoom: given.hasRoom ?? true };
  const log = new DirectLog({ onRoom: () => production.resume() });
  const ended = deferred<{ readonly hasLogFailed: boolean }>();
  const records: StreamEnded[] = [];
  const production: Production = new Production(request, {
    provider,
    observe(event) {
      if (event.type === "stream_ended") records.push(event);
    },
    startTrace: forwardTrace,
    writer: given.writer ?? log,
    onEnd: ended.resolve,
  });
  log.follow({
    write({ events }) {
      read.push(...events);
      return reader.hasRoom;
    },
    end() {},
  });
  log.resume();
  production.start(request);
  return { production, log, read, reader, records, ended: ended.promise };
}

test("an answer is logged as it is, and counted", async () => {
  const { production, read, records, ended } = produce(
    pulling(async function* answer() {
      yield [token("a"), token("b")];
      yield [];
      yield [token("c"), stop];
    }),
  );
  expect(await production.refusalWithin(20_000)).toBe(undefined);
  expect(await ended).toEqual({ hasLogFailed: false });
  expect(read).toEqual([token("a"), token("b"), token("c"), stop]);
  production.notifyEnd(false);
  expect(records).toMatchObject([{ ending: "stop", tokens: 3, readerLeft: false }]);
});

test("nothing comes after the terminal event, and the answer is left", async () => {
  const left = deferred<void>();
  const { read, ended } = produce(
    pulling(async function* answer() {
      try {
        yield [stop, token("late")];
        yield [token("later")];
      } finally {
        left.resolve();
      }
    }),
  );
  await ended;
  await left.promise;
  expect(read).toEqual([stop]);
});

test.each([
  ["after some events", [token("a")]],
  ["without any event", []],
])("an answer that ends %s without a terminal event never ends as success", async (_, events) => {
  const { read, ended } = produce(
    pulling(async function* answer() {
      yield events;
    }),
  );
  await ended;
  expect(read).toMatchObject([...events, { type: "error", code: "gateway_protocol_error" }]);
});

test("a failure in the middle comes after what was understood", async () => {
  const { read, ended } = produce(
    pulling(async function* answer() {
      yield [token("a")];
      throw new RelayError("gateway_interrupted", "Cut.");
    }),
  );
  await ended;
  expect(read).toMatchObject([token("a"), { type: "error", code: "gateway_interrupted" }]);
});

test.each([
  ["rejects", () => Promise.reject(new Error("boom"))],
  [
    "throws",
    () => {
      throw new Error("boom");
    },
  ],
])("a provider that %s is a refusal, and a terminal event", async (_, open) => {
  const { production, read, ended } = produce({ name: "own", open, async close() {} });
  expect(await production.refusalWithin(20_000)).toMatchObject({ code: "internal_error" });
  await ended;
  expect(read).toMatchObject([{ type: "error", code: "internal_error", requestId: "r-1" }]);
});

test("an answer is not pulled faster than the log takes it", async () => {
  let given = 0;
  const asked = deferred<void>();
  const { log, read, reader, ended } = produce(
    pulling(async function* answer() {
      for (; given < 100; given += 1) {
        if (given === 1) asked.resolve();
        yield [token(String(given))];
      }
      yield [stop];
    }),
    { hasRoom: false },
  );
  while (read.length === 0) await new Promise(setImmediate);
  expect(given).toBe(0);
  reader.hasRoom = true;
  log.resume();
  await asked.promise;
  await ended;
  expect(read).toHaveLength(101);
});

test("a provider that pushes is paused when the log is full, and resumed when it is not", () => {
  const { provider, state } = pushing();
  const { log, read, reader } = produce(provider);
  state.sink?.accepted();
  expect(state.sink?.events([token("a")])).toBe(true);
  reader.hasRoom = false;
  expect(state.sink?.events([token("b")])).toBe(false);
  expect(state.resumed).toBe(0);
  reader.hasRoom = true;
  log.resume();
  expect(state.resumed).toBe(1);
  state.sink?.events([stop]);
  // What it does after its end changes nothing.
  expect(state.sink?.events([token("late")])).toBe(true);
  state.sink?.end(new Error("late"));
  expect(read).toEqual([token("a"), token("b"), stop]);
});

const estimate = { inputTokens: 2, outputTokens: 1, isEstimate: true };

test.each([
  ["cancelled", undefined, { type: "stop", reason: "cancelled", usage: estimate }],
  ["abandoned", new AbandonedError(), { type: "stop", reason: "abandoned", usage: estimate }],
  ["ended with an error", new RelayError("slow_consumer", "Slow."), { code: "slow_consumer" }],
])("an answer that is %s ends at once, whatever its provider does", async (_, reason, terminal) => {
  const { provider, state } = pushing();
  const { production, read, ended } = produce(provider);
  state.sink?.accepted();
  state.sink?.events([token("a")]);
  production.cancel(reason);
  production.cancel();
  state.sink?.events([token("late"), stop]);
  state.sink?.end();
  await ended;
  expect(read).toMatchObject([token("a"), terminal]);
  expect(state.cancelled).toEqual([reason]);
});

test("what is cancelled before the provider accepted has no usage", async () => {
  const { production, read, ended } = produce(pushing().provider);
  production.cancel();
  await ended;
  expect(read).toEqual([{ type: "stop", reason: "cancelled" }]);
});

test("usage is told in the protocol's names, whatever the provider calls its fields", async () => {
  const told = { prompt_tokens: 3, completion_tokens: -1 };
  const { production, read, records, ended } = produce(
    pulling(async function* answer() {
      yield [token("a"), { ...stop, usage: told } as StreamEvent];
    }),
  );
  await ended;
  production.notifyEnd(false);
  expect(read.at(-1)).toEqual({ ...stop, usage: { inputTokens: 3, raw: told } });
  expect(records).toMatchObject([{ usage: { inputTokens: 3 } }]);
});

test("the signal of a provider that pulls is aborted, also where it is asked for too late", async () => {
  const signals: AbortSignal[] = [];
  const { production, ended } = produce({
    name: "own",
    open(_request, context) {
      signals.push(context.signal);
      return new Promise(() => {});
    },
    async close() {},
  });
  production.cancel();
  await ended;
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
});

test("a provider that pushes events before it calls accepted has accepted", async () => {
  const { provider, state } = pushing();
  const { production, read } = produce(provider);
  state.sink?.events([token("a")]);
  expect(await production.refusalWithin(20_000)).toBe(undefined);
  state.sink?.end(new RelayError("gateway_interrupted", "Cut."));
  expect(await production.refusalWithin(20_000)).toBe(undefined);
  expect(read).toMatchObject([token("a"), { type: "error", code: "gateway_interrupted" }]);
});

test("a log that fails ends the production, and says so", async () => {
  const { provider, state } = pushing();
  const { ended } = produce(provider, {
    writer: {
      isResumable: false,
      append() {
        throw new Error("the disk is full");
      },
    },
  });
  state.sink?.accepted();
  state.sink?.events([token("a"), stop]);
  expect(await ended).toEqual({ hasLogFailed: true });
  expect(state.cancelled).toHaveLength(1);
});

test.each([
  { takesJson: true, kept: ['{"type":"token","content":"a","index":0}', stop] },
  { takesJson: false, kept: [token("a"), stop] },
])(
  "a token that is JSON already is an event for a log with takesJson: $takesJson",
  async ({ takesJson, kept }) => {
    const { provider, state } = pushing();
    const appended: unknown[] = [];
    const { production, ended, records } = produce(provider, {
      writer: { isResumable: false, takesJson, append: (events) => !!appended.push(...events) },
    });
    const push = state.sink?.events as AnswerParts["sink"]["events"] | undefined;
    push?.call(state.sink, ['{"type":"token","content":"a","index":0}', stop]);
    await ended;
    production.notifyEnd(false);
    expect(appended).toEqual(kept);
    expect(records).toMatchObject([{ tokens: 1, ending: "stop" }]);
  },
);

/** A production that has not asked its provider yet. */
function prepare(provider: Provider, append: LogWriter["append"] = () => true) {
  return new Production(request, {
    provider,
    observe() {},
    startTrace: forwardTrace,
    writer: { isResumable: false, append },
    onEnd() {},
  });
}

test("an answer that was cancelled before is not asked for", () => {
  const { provider, state } = pushing();
  const production = prepare(provider);
  production.cancel();
  production.start(request);
  expect(state.sink).toBe(undefined);
});

test("an answer that is cancelled while its provider opens it is cancelled once it is open", () => {
  const { provider, state } = pushing();
  const production: Production = prepare({
    ...provider,
    open(...asked) {
      const flow = provider.open(...asked);
      production.cancel("left");
      return flow;
    },
  });
  production.start(request);
  expect(state.cancelled).toEqual(["left"]);
});

test("a pulled answer whose log closes while it takes events is let go", async () => {
  const returned = deferred<void>();
  async function* answer() {
    try {
      for (;;) yield [token("a")];
    } finally {
      returned.resolve();
    }
  }
  const production: Production = prepare(pulling(answer), (events) => {
    if (events[0] !== undefined && !isTerminal(events[0])) production.cancel();
    return false;
  });
  production.start(request);
  await returned.promise;
});

test("no timer for queue positions begins after the end", () => {
  vi.useFakeTimers();
  const production = prepare({
    name: "own",
    open(_request, { onPosition }) {
      onPosition(1);
      return { resume() {}, cancel() {} };
    },
    async close() {},
  });
  production.start(request);
  production.cancel();
  production.showPositions();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});
