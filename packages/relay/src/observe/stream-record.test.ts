import { expect, test } from "vitest";
import { RelayError } from "../errors.ts";
import type { ObserverEvent, StreamEnded } from "./observer.ts";
import { StreamRecord } from "./stream-record.ts";

const ids = {
  streamId: "s-1",
  requestId: "r-1",
  subject: "ann",
  configurationId: "cfg-1",
  transport: "http",
} as const;
const token = { type: "token", content: "a", index: 0 } as const;
const stop = { type: "stop", reason: "stop" } as const;
const away = new RelayError("gateway_unavailable", "Away.");

/** A record, its clock, and all that it reports. */
function start() {
  const told: ObserverEvent[] = [];
  let time = 1_000;
  const record = new StreamRecord(
    ids,
    (event) => told.push(event),
    () => time,
  );
  const after = (ms: number): void => void (time += ms);
  const begin = (phase: "queue" | "access_token" | "handshake"): void =>
    record.notify({ type: "phase_begun", streamId: "s-1", phase });
  const answered = (): void =>
    record.notify({ type: "upstream_answered", streamId: "s-1", attempts: 1 });
  const end = (readerLeft = false): StreamEnded => {
    record.end(readerLeft);
    const last = told.at(-1);
    if (last?.type !== "stream_ended") throw new Error("It did not end.");
    return last;
  };
  return { record, told, after, begin, answered, end };
}

test("a whole life is reported in one record", () => {
  const { record, told, after, begin, end } = start();
  after(1);
  begin("queue");
  after(10);
  begin("access_token");
  after(100);
  begin("handshake");
  after(1_000);
  const answered = {
    type: "upstream_answered",
    streamId: "s-1",
    attempts: 2,
    correlationId: "c-1",
  } as const;
  record.notify(answered);
  after(10_000);
  record.count([token, token]);
  after(100_000);
  record.count([token, { type: "warning", code: "malformed_line" }, stop]);
  expect(end()).toEqual({
    type: "stream_ended",
    ...ids,
    ending: "stop",
    readerLeft: false,
    phase: "answer",
    tokens: 3,
    warnings: 1,
    attempts: 2,
    correlationId: "c-1",
    queueMs: 10,
    accessTokenMs: 100,
    // The time before the provider was asked counts for this stream alone.
    handshakeMs: 1_001,
    firstTokenMs: 11_111,
    durationMs: 111_111,
  });
  expect(told).toMatchObject([
    { type: "stream_started", ...ids },
    { type: "phase_begun", phase: "queue" },
    { type: "phase_begun", phase: "access_token" },
    { type: "phase_begun", phase: "handshake" },
    answered,
    { type: "stream_ended" },
  ]);
});

test("a started stream ends once, however often end is called", () => {
  const { record, told, end } = start();
  expect(told).toEqual([{ type: "stream_started", ...ids }]);
  end(true);
  record.end(false);
  expect(told.map(({ type }) => type)).toEqual(["stream_started", "stream_ended"]);
  expect(told.at(-1)).toMatchObject({ readerLeft: true });
});

test("phases that come again are added up: tries and the waits between them", () => {
  const { begin, after, answered, end } = start();
  for (const ms of [1, 10]) {
    begin("queue");
    after(ms);
    begin("access_token");
    after(2 * ms);
    begin("handshake");
    after(4 * ms);
  }
  answered();
  expect(end()).toMatchObject({ queueMs: 11, accessTokenMs: 22, handshakeMs: 44, durationMs: 77 });
});

test("a provider without phases is in the phase of asking until the first token arrives", () => {
  const { record, after, end } = start();
  after(5);
  record.count([{ type: "queued", position: 1 }]);
  after(5);
  record.count([token]);
  after(7);
  const ended = end();
  expect(ended).toMatchObject({
    phase: "answer",
    queueMs: 0,
    accessTokenMs: 0,
    handshakeMs: 10,
    firstTokenMs: 10,
    durationMs: 17,
  });
  expect(ended).not.toHaveProperty("attempts");
  expect(ended).not.toHaveProperty("correlationId");
});

test.each([
  ["queue", "queueMs"],
  ["access_token", "accessTokenMs"],
  ["handshake", "handshakeMs"],
] as const)("a stream that ends before it is accepted ends where it was: %s", (phase, spent) => {
  const { record, begin, after, end } = start();
  begin(phase);
  after(3);
  record.failed(away);
  record.count([
    { type: "error", code: away.code, message: "", retryable: true, requestId: "r-1" },
  ]);
  const ended = end();
  expect(ended).toMatchObject({ phase, [spent]: 3, ending: "error", error: away });
  expect(ended).not.toHaveProperty("firstTokenMs");
});

test("no phase reported: the handshake", () => {
  expect(start().end()).toMatchObject({ phase: "handshake", tokens: 0, warnings: 0 });
});

test("an accepted stream waits for its first token", () => {
  const { answered, after, end } = start();
  answered();
  after(3);
  expect(end()).toMatchObject({ phase: "first_token", handshakeMs: 0, durationMs: 3 });
});

test("after the first token the phase is the answer, whatever is reported late", () => {
  const { record, begin, answered, after, end } = start();
  record.count([token]);
  begin("queue");
  after(3);
  answered();
  after(3);
  expect(end()).toMatchObject({ phase: "answer", queueMs: 0, handshakeMs: 0, attempts: 1 });
});

test("a failure is how it ended, also where no terminal event could be written", () => {
  const { record, end } = start();
  record.failed(away);
  expect(end()).toMatchObject({ ending: "error", error: away });
  const late = start();
  late.record.count([stop]);
  late.record.failed(away);
  expect(late.end()).toMatchObject({ ending: "error", error: away });
});

test("an error that the provider itself put into the answer is reported as one", () => {
  const { record, end } = start();
  record.count([
    {
      type: "error",
      code: "gateway_rejected",
      message: "No.",
      retryable: false,
      requestId: "r-1",
    },
  ]);
  expect(end()).toMatchObject({
    ending: "error",
    error: { code: "gateway_rejected", message: "No." },
  });
});

test.each(["eof", "length", "cancelled", "tool_calls"])(
  "a stop's reason is the ending: %s",
  (reason) => {
    const { record, end } = start();
    record.count([{ type: "stop", reason }]);
    const ended = end();
    expect(ended.ending).toBe(reason);
    expect(ended).not.toHaveProperty("error");
  },
);

test("the usage that the gateway told is reported, without what else it told", () => {
  const { record, end } = start();
  record.accepted(400);
  record.count([token, { ...stop, usage: { outputTokens: 9, raw: { note: "secret" } } }]);
  expect(end().usage).toEqual({ outputTokens: 9 });
});

test("where the gateway told no usage the relay's estimate is reported", () => {
  const { record, end } = start();
  record.accepted(401);
  record.count([token, { type: "reasoning", content: "Hm." }, token]);
  record.count([{ type: "citation", content: "x", index: 2 }]);
  record.failed(away);
  expect(end().usage).toEqual({ inputTokens: 101, outputTokens: 3, isEstimate: true });
});

test("what the gateway did not accept has no usage", () => {
  const { record, end } = start();
  record.failed(away);
  expect(end()).not.toHaveProperty("usage");
});

test("a stream without any end was cancelled", () => {
  expect(start().end(true)).toMatchObject({ ending: "cancelled", readerLeft: true });
});
