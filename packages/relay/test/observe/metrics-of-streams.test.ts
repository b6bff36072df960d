import { EventEmitter, once } from "node:events";
import { expect, test } from "vitest";
import { createMetrics } from "@gatestream/relay-metrics";
import { ask, question, replyTo, responseTo, textUntil } from "@gatestream/testing/ask";
import { parseExposition } from "@gatestream/testing/parse-exposition";
import { startRelay, type RelayUnderTestOptions } from "@gatestream/testing/relay-under-test";

/** A relay whose observer counts. */
async function startCountedRelay(options: RelayUnderTestOptions = {}) {
  const metrics = createMetrics();
  const emitter = new EventEmitter();
  const under = await startRelay({
    ...options,
    observer(event) {
      metrics.observe(event);
      emitter.emit(event.type);
    },
  });
  return {
    ...under,
    /** Resolves when one more stream has ended. */
    nextEnd: () => once(emitter, "stream_ended"),
    read: async () => parseExposition(await metrics.text()),
    async [Symbol.asyncDispose]() {
      await under[Symbol.asyncDispose]();
      metrics.close();
    },
  };
}

test("the figures of real streams agree with each other", async () => {
  await using under = await startCountedRelay();
  const { streamUrl, read } = under;
  await replyTo(ask(streamUrl, question("Hello")));
  await replyTo(ask(streamUrl, question("/scenario rate-limited-bare")));
  await replyTo(ask(streamUrl, question("/scenario bad-request")));
  await replyTo(ask(streamUrl, question("/scenario cut")));
  await replyTo(ask(streamUrl, "no JSON"));
  await under.relay.close();

  const { families, value } = await read();
  const nonzero = families
    .filter(({ type }) => type === "counter")
    .flatMap(({ samples }) => samples)
    .filter(({ name, value: count }) => name.startsWith("gatestream_") && count > 0)
    .map(({ name, labels, value: count }) => [name, ...Object.values(labels), count].join(" "));
  expect(nonzero).toEqual([
    "gatestream_streams_started_total 4",
    "gatestream_streams_ended_total stop  2",
    "gatestream_streams_ended_total error gateway_rejected 1",
    "gatestream_streams_ended_total error gateway_interrupted 1",
    expect.stringMatching(/^gatestream_tokens_total \d+$/),
    expect.stringMatching(/^gatestream_usage_tokens_total input cfg-1 \d+$/),
    expect.stringMatching(/^gatestream_usage_tokens_total output cfg-1 \d+$/),
    "gatestream_upstream_attempts_failed_total gateway_rate_limited 1",
    "gatestream_upstream_retries_total gateway_rate_limited 1",
    "gatestream_requests_refused_total invalid_request 1",
  ]);
  expect(value("gatestream_active_streams")).toBe(0);
  expect(value("gatestream_queued_streams")).toBe(0);
  const counts = ["queue_wait", "access_token_wait", "handshake", "stream_duration"];
  for (const name of counts) expect(value(`gatestream_${name}_seconds_count`)).toBe(4);
  expect(value("gatestream_first_token_seconds_count")).toBe(3);
  const total = value("gatestream_stream_duration_seconds_sum");
  const parts = ["queue_wait", "access_token_wait", "handshake"];
  const waited = parts.map((name) => value(`gatestream_${name}_seconds_sum`));
  expect(waited.reduce((sum, seconds) => sum + seconds, 0)).toBeLessThan(total);
});

test("one that speaks is active, one that waits for it is queued, and readers may leave both", async () => {
  await using under = await startCountedRelay({
    emulator: { scenario: "stall" },
    maxConcurrentStreams: 1,
    firstByteGraceMs: 0,
  });
  const { streamUrl, read, nextEnd } = under;
  const speaking = ask(streamUrl, question("Hello"));
  await textUntil(await responseTo(speaking), (text) => text.includes('"token"'));
  const waiting = ask(streamUrl, question("Me too"));
  await textUntil(await responseTo(waiting), (text) => text.includes('"queued"'));
  const during = await read();
  expect(during.value("gatestream_active_streams")).toBe(2);
  expect(during.value("gatestream_queued_streams")).toBe(1);

  const waitingEnded = nextEnd();
  waiting.destroy();
  await waitingEnded;
  const after = await read();
  expect(after.value("gatestream_active_streams")).toBe(1);
  expect(after.value("gatestream_queued_streams")).toBe(0);
  expect(after.value('gatestream_readers_left_total{phase="queue"}')).toBe(1);

  const speakingEnded = nextEnd();
  speaking.destroy();
  await speakingEnded;
  const { value } = await read();
  expect(value('gatestream_readers_left_total{phase="answer"}')).toBe(1);
  expect(value('gatestream_streams_ended_total{ending="cancelled",code=""}')).toBe(2);
  expect(value("gatestream_active_streams")).toBe(0);
});
