import { eventually } from "@gatestream/testing/eventually";
import { assert, describe, expect, test, vi } from "vitest";
import { isRelayError, type ObserverEvent, type StreamEnded } from "@gatestream/relay/parts";
import { audit, type AuditOptions, type AuditRecord } from "./audit.ts";

const ids = {
  streamId: "s-1",
  requestId: "r-1",
  subject: "ann",
  configurationId: "cfg-1",
  transport: "http",
} as const;
const request = {
  configurationId: "cfg-1",
  messages: [{ role: "user", content: "What is it?" }],
  conversationId: "case-1",
  metadata: { queue: "billing" },
};
const ended: StreamEnded = {
  type: "stream_ended",
  ...ids,
  ending: "stop",
  readerLeft: false,
  phase: "answer",
  tokens: 2,
  usage: { inputTokens: 3, outputTokens: 2 },
  warnings: 0,
  queueMs: 0,
  accessTokenMs: 0,
  handshakeMs: 0,
  durationMs: 12.4,
};

/** A record whose sink does what the test says. */
function auditOver(write: () => Promise<void> = async () => {}, options?: AuditOptions) {
  const written: AuditRecord[] = [];
  const events: ObserverEvent[] = [];
  let onWritten = (): void => {};
  const sink = {
    async write(records: readonly AuditRecord[]) {
      await write();
      written.push(...records);
      onWritten();
    },
    close: vi.fn(async () => {}),
  };
  const recording = audit(sink, options);
  recording.reportTo?.((event) => events.push(event));
  return {
    ...recording,
    written,
    events,
    sink,
    types: () => events.map(({ type }) => type),
    untilWritten: (count: number) =>
      new Promise<void>((resolve) => {
        onWritten = () => {
          if (written.length >= count) resolve();
        };
        onWritten();
      }),
  };
}

test("a stream is recorded when it begins and when it ends", async () => {
  const { begin, untilWritten, written } = auditOver();
  begin(ids, request).end(ended);
  await untilWritten(2);
  const base = {
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    streamId: "s-1",
    requestId: "r-1",
    subject: "ann",
    configurationId: "cfg-1",
    conversationId: "case-1",
  };
  expect(written).toEqual([
    { type: "started", ...base, transport: "http", metadata: { queue: "billing" } },
    {
      type: "ended",
      ...base,
      ending: "stop",
      readerLeft: false,
      tokens: 2,
      usage: { inputTokens: 3, outputTokens: 2 },
      durationMs: 12,
    },
  ]);
});

test("it holds the conversation and the answer only when that is wanted", async () => {
  const { begin, untilWritten, written } = auditOver(undefined, { content: true });
  const messages = [...request.messages];
  const trail = begin(ids, { ...request, messages });
  messages.length = 0;
  trail.events?.(['{"type":"token","content":"It is ","index":0}']);
  trail.events?.([
    { type: "token", content: "a test.", index: 1 },
    { type: "stop", reason: "stop" },
  ]);
  trail.end(ended);
  await untilWritten(2);
  expect(written).toEqual([
    expect.objectContaining({ messages: request.messages }),
    expect.objectContaining({ text: "It is a test." }),
  ]);
});

describe("while the sink fails", () => {
  test("records wait and are written in order; the outage is reported once", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      let failures = 3;
      const recording = auditOver(async () => {
        failures -= 1;
        if (failures >= 0) throw new Error("The disk is full.");
      });
      recording.begin(ids, request).end(ended);
      await vi.advanceTimersByTimeAsync(250);
      recording.begin({ ...ids, streamId: "s-2" }, request);
      await vi.advanceTimersByTimeAsync(500 + 1_000);
      expect(recording.written.map(({ streamId, type }) => [streamId, type])).toEqual([
        ["s-1", "started"],
        ["s-1", "ended"],
        ["s-2", "started"],
      ]);
      expect(recording.events).toEqual([
        { type: "audit_failed", failure: new Error("The disk is full.") },
        { type: "audit_ready" },
      ]);
    } finally {
      vi.useRealTimers();
    }
  });

  test("what does not fit is dropped and counted, and never silently", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      let isFull = true;
      const recording = auditOver(
        async () => {
          if (isFull) throw new Error("The disk is full.");
        },
        { maxWaiting: 2 },
      );
      for (let at = 0; at < 5; at += 1) recording.begin(ids, request);
      expect(recording.events).toEqual([{ type: "audit_dropped", records: 1 }]);
      await vi.advanceTimersByTimeAsync(0);
      isFull = false;
      await vi.advanceTimersByTimeAsync(250);
      expect(recording.types()).toEqual([
        "audit_dropped",
        "audit_failed",
        "audit_ready",
        "audit_dropped",
      ]);
      expect(recording.events.at(-1)).toEqual({ type: "audit_dropped", records: 2 });
      expect(recording.written).toHaveLength(2);
    } finally {
      vi.useRealTimers();
    }
  });

  test("streams begin all the same, unless the record is required", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      let isAway = true;
      const write = async (): Promise<void> => {
        if (isAway) throw new Error("Away.");
      };
      const lenient = auditOver(write);
      const strict = auditOver(write, { required: true });
      for (const { admit, begin } of [lenient, strict]) {
        admit();
        begin(ids, request);
      }
      await vi.advanceTimersByTimeAsync(0);
      lenient.admit();
      const refusal = ((): unknown => {
        try {
          strict.admit();
        } catch (failure) {
          return failure;
        }
        return undefined;
      })();
      assert(isRelayError(refusal));
      expect(refusal).toMatchObject({ code: "overloaded", status: 503, retryAfterMs: 5_000 });
      isAway = false;
      await vi.advanceTimersByTimeAsync(250);
      strict.admit();
    } finally {
      vi.useRealTimers();
    }
  });

  test("one that does not answer counts as failed", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const { begin, types, admit } = auditOver(() => new Promise<void>(() => {}), {
        required: true,
      });
      begin(ids, request);
      await vi.advanceTimersByTimeAsync(9_999);
      admit();
      await vi.advanceTimersByTimeAsync(1);
      expect(types()).toEqual(["audit_failed"]);
      expect(admit).toThrow("The relay cannot keep its record");
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("closing", () => {
  test("writes what waits, then closes the sink", async () => {
    const { begin, close, written, sink } = auditOver();
    begin(ids, request).end(ended);
    await close();
    expect(written).toHaveLength(2);
    expect(sink.close).toHaveBeenCalledOnce();
  });

  test("tries once more, and reports what is lost", async () => {
    let tries = 0;
    const { begin, close, events, untilWritten, sink } = auditOver(async () => {
      tries += 1;
      throw new Error("Away.");
    });
    void untilWritten;
    begin(ids, request).end(ended);
    await eventually(() => expect(tries).toBe(1));
    await close();
    expect(tries).toBe(2);
    expect(events.at(-1)).toEqual({ type: "audit_dropped", records: 2 });
    expect(sink.close).toHaveBeenCalledOnce();
    begin(ids, request);
    expect(events.at(-1)).toEqual({ type: "audit_dropped", records: 1 });
  });
});
