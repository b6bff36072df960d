import type { ScenarioName } from "@gatestream/emulator";
import { assert, describe, expect, test } from "vitest";
import { openTelemetry } from "@gatestream/relay-opentelemetry";
import { registerHostTracing } from "../../../relay-opentelemetry/src/testing/host-tracing.ts";
import { ask, question, replyTo } from "@gatestream/testing/ask";
import { startRelay, type RelayUnderTestOptions } from "@gatestream/testing/relay-under-test";

describe.concurrent("a stream's record says where it ended", () => {
  test.each<[ScenarioName, string, RelayUnderTestOptions]>([
    ["answer", "answer", {}],
    ["stall", "answer", { idleTimeoutMs: 100 }],
    ["silent", "handshake", { firstByteTimeoutMs: 100 }],
    ["bad-request", "handshake", {}],
    ["token-endpoint-down", "access_token", { handshakeTries: 1 }],
  ])("%s: %s", async (scenario, phase, options) => {
    await using under = await startRelay({
      firstByteGraceMs: 60_000,
      ...options,
      emulator: { scenario },
    });
    await replyTo(ask(under.streamUrl, question("Hello")));
    const ended = await under.untilObserved("stream_ended");
    expect(ended.phase).toBe(phase);
    const { queueMs, accessTokenMs, handshakeMs, firstTokenMs = 0, durationMs } = ended;
    for (const ms of [queueMs, accessTokenMs, handshakeMs, firstTokenMs]) {
      expect(ms).toBeGreaterThanOrEqual(0);
    }
    expect(queueMs + accessTokenMs + handshakeMs).toBeLessThanOrEqual(durationMs + 1);
    expect(firstTokenMs).toBeLessThanOrEqual(durationMs);
  });

  test("waiting for the first token: first_token", async () => {
    await using under = await startRelay({
      emulator: { scenario: "slow-first-token", slowFirstTokenMs: 60_000 },
    });
    const asking = ask(under.streamUrl, question("Hello"));
    await under.untilObserved("upstream_answered");
    asking.destroy();
    expect(await under.untilObserved("stream_ended")).toMatchObject({
      phase: "first_token",
      ending: "cancelled",
      readerLeft: true,
      tokens: 0,
    });
  });

  test("waiting for its turn: queue", async () => {
    await using under = await startRelay({
      maxConcurrentStreams: 1,
      queueTimeoutMs: 100,
      firstByteGraceMs: 60_000,
      emulator: { scenario: "stall" },
    });
    const running = ask(under.streamUrl, question("Hello"));
    await under.emulator.waitFor(({ kind }) => kind === "chat");
    const reply = await replyTo(ask(under.streamUrl, question("Hello")));
    expect(reply.status).toBe(503);
    const ended = await under.untilObserved("stream_ended");
    expect(ended).toMatchObject({ phase: "queue", accessTokenMs: 0 });
    // A timer may fire a millisecond early.
    expect(ended.queueMs).toBeGreaterThanOrEqual(99);
    running.destroy();
  });

  test("waiting between tries is part of the handshake", async () => {
    await using under = await startRelay({ emulator: { scenario: "rate-limited-seconds" } });
    await replyTo(ask(under.streamUrl, question("Hello")));
    const { attempts, handshakeMs, queueMs } = await under.untilObserved("stream_ended");
    expect(attempts).toBe(2);
    expect(handshakeMs + queueMs).toBeGreaterThanOrEqual(999);
    expect(handshakeMs).toBeGreaterThanOrEqual(900);
  });
});

test("a stream's start and its end name the same stream, request, caller and configuration", async () => {
  await using under = await startRelay();
  await replyTo(ask(under.streamUrl, question("Hello")));
  const { type: _, ...ids } = await under.untilObserved("stream_started");
  expect(await under.untilObserved("stream_ended")).toMatchObject(ids);
  expect(Object.keys(ids).toSorted()).toEqual(
    ["configurationId", "requestId", "streamId", "subject", "transport"].toSorted(),
  );
});

const incoming = {
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  tracestate: "vendor=1",
};

test("the trace of a request reaches the gateway's chat as it came, its baggage does not", async () => {
  await using under = await startRelay();
  const headers = { ...incoming, baggage: "who=ann" };
  await replyTo(ask(under.streamUrl, question("Hello"), { headers }));
  const [token, chat] = under.emulator.calls;
  assert(token !== undefined && chat !== undefined);
  expect(chat.headers).toMatchObject(incoming);
  expect(chat.headers).not.toHaveProperty("baggage");
  expect(token.headers).not.toHaveProperty("traceparent");
});

test("where the host traces, a stream is one span, which is propagated to the gateway", async () => {
  const { spans } = registerHostTracing();
  await using under = await startRelay({
    startTrace: openTelemetry(),
    emulator: { scenario: "cut" },
  });
  await replyTo(ask(under.streamUrl, question("Hello"), { headers: incoming }));
  const { streamId } = await under.untilObserved("stream_ended");
  const [span] = spans();
  assert(span !== undefined);
  expect(spans()).toHaveLength(1);
  expect(span.attributes).toMatchObject({
    "gatestream.stream_id": streamId,
    "gen_ai.provider.name": "genesys",
    "gen_ai.request.model": "cfg-1",
    "error.type": "gateway_interrupted",
  });
  expect(span.events.map(({ name }) => name)).toEqual(["upstream_answered", "first_token"]);
  const chat = under.emulator.calls.find(({ kind }) => kind === "chat");
  expect(chat?.headers["traceparent"]).toContain(span.spanContext().spanId);
  expect(chat?.headers).not.toHaveProperty("baggage");
});
