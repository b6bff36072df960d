import { errorTable, type ErrorCode } from "@gatestream/protocol";
import type { Observer, StreamEnded, StreamPhase } from "@gatestream/relay/parts";
import { Histogram, type Registry } from "prom-client";
import { createCounters, defineGauge } from "./define.ts";

const stopReasons = ["stop", "eof", "length", "cancelled", "abandoned"];

/** The phases in the order in which a stream goes through them. */
const phases: readonly StreamPhase[] = [
  "queue",
  "access_token",
  "handshake",
  "first_token",
  "answer",
];

// Seconds. A place in the queue or an access token is mostly there at once; 120 is the usual
// `firstByteTimeoutMs`.
const waitBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
// Seconds. Closest where models usually begin to speak, and up to one that thinks for a minute.
const firstTokenBuckets = [
  0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.5, 2, 3, 5, 7.5, 10, 15, 20, 30, 45, 60,
];
// Seconds. 900 is the usual `totalTimeoutMs`.
const durationBuckets = [0.25, 0.5, 1, 2.5, 5, 10, 15, 20, 30, 45, 60, 90, 120, 300, 600, 900];

/** Counts streams: those that run, that wait in the queue, that began and that ended. */
export function createStreamMetrics(registry: Registry): Observer {
  // Kept by their ids, not as numbers: duplicate, late and unknown events change nothing.
  const running = new Set<string>();
  const queued = new Set<string>();
  defineGauge(
    registry,
    "gatestream_active_streams",
    "Streams that have begun and not yet ended, those in the queue included.",
    () => running.size,
  );
  defineGauge(
    registry,
    "gatestream_queued_streams",
    "Streams that wait for their turn to ask the gateway.",
    () => queued.size,
  );
  const counter = createCounters(registry);
  const started = counter("streams_started", "Streams that have begun.");
  const ended = counter(
    "streams_ended",
    "Streams that have ended, by how (stop, eof, length, cancelled, abandoned, error, or other for any reason of the gateway's own) and, for errors, by code.",
    "ending",
    "code",
  );
  for (const ending of [...stopReasons, "other"]) ended.inc({ ending, code: "" }, 0);
  for (const code of Object.keys(errorTable)) ended.inc({ ending: "error", code }, 0);

  return (event) => {
    switch (event.type) {
      case "stream_started":
        running.add(event.streamId);
        started.inc();
        break;
      case "phase_begun":
        if (event.phase === "queue" && running.has(event.streamId)) queued.add(event.streamId);
        else queued.delete(event.streamId);
        break;
      case "upstream_answered":
        queued.delete(event.streamId);
        break;
      case "stream_ended":
        running.delete(event.streamId);
        queued.delete(event.streamId);
        ended.inc(endingLabels(event));
        break;
    }
  };
}

/** A gateway may invent reasons, `error` among them: as labels they would have no bound. */
function endingLabels({ ending, error }: StreamEnded): { ending: string; code: ErrorCode | "" } {
  if (error !== undefined) return { ending: "error", code: error.code };
  return { ending: stopReasons.includes(ending) ? ending : "other", code: "" };
}

/** How many configurations have a label of their own. */
const maxConfigurations = 50;

/**
 * A configuration as a label: only those that the gateway answered for get here, but a gateway may have
 * many, or take any name.
 */
function createConfigurationLabels(): (configurationId: string) => string {
  const known = new Set<string>();
  return (configurationId) => {
    if (known.size < maxConfigurations) known.add(configurationId);
    return known.has(configurationId) ? configurationId : "other";
  };
}

/** Counts what streams took and gave, once each, when they end. */
export function createAnswerMetrics(registry: Registry): Observer {
  const counter = createCounters(registry);
  const seconds = (name: string, help: string, buckets: number[]) =>
    new Histogram({ name: `gatestream_${name}_seconds`, help, buckets, registers: [registry] });

  const firstToken = seconds(
    "first_token",
    "Time from the request to the first token, of streams that had one.",
    firstTokenBuckets,
  );
  const queueWait = seconds("queue_wait", "Time in the queue, of every stream.", waitBuckets);
  const accessTokenWait = seconds(
    "access_token_wait",
    "Time of waiting for an access token, of streams that did not end in the queue.",
    waitBuckets,
  );
  const handshake = seconds(
    "handshake",
    "Time until the gateway accepted or refused, tries that failed included, of streams that did not end in the queue or waiting for an access token.",
    waitBuckets,
  );
  const duration = seconds(
    "stream_duration",
    "Time from the request to the end, of every stream.",
    durationBuckets,
  );
  const tokens = counter("tokens", "Tokens of the streams that have ended.");
  const usageTokens = counter(
    "usage_tokens",
    "Tokens that the gateway told, or the relay estimated, of the streams that have ended: input or output, by configuration (other for all beyond the first 50).",
    "direction",
    "configuration",
  );
  const labelOf = createConfigurationLabels();
  for (const direction of ["input", "output"]) {
    usageTokens.inc({ direction, configuration: "other" }, 0);
  }
  const skippedLines = counter(
    "skipped_lines",
    "Lines of the gateway that were skipped because they were no JSON objects.",
  );

  return (event) => {
    if (event.type !== "stream_ended") return;
    const { phase, firstTokenMs, queueMs, accessTokenMs, handshakeMs, durationMs } = event;
    // Streams that gave up in the queue would make the gateway look quick.
    const cameTo = (earlier: StreamPhase) => phases.indexOf(phase) >= phases.indexOf(earlier);
    if (firstTokenMs !== undefined) firstToken.observe(firstTokenMs / 1000);
    queueWait.observe(queueMs / 1000);
    if (cameTo("access_token")) accessTokenWait.observe(accessTokenMs / 1000);
    if (cameTo("handshake")) handshake.observe(handshakeMs / 1000);
    duration.observe(durationMs / 1000);
    tokens.inc(event.tokens);
    skippedLines.inc(event.warnings);
    if (event.usage === undefined) return;
    const { inputTokens = 0, outputTokens = 0 } = event.usage;
    const configuration = labelOf(event.configurationId);
    usageTokens.inc({ direction: "input", configuration }, inputTokens);
    usageTokens.inc({ direction: "output", configuration }, outputTokens);
  };
}

/** Counts how readers came back and went. */
export function createReaderMetrics(registry: Registry): Observer {
  const counter = createCounters(registry);
  const slowReaders = counter(
    "slow_readers",
    "Readers that were given up because they did not catch up in time.",
  );
  const resumed = counter(
    "readers_resumed",
    "Readers that came back to a stream, or to one that had ended.",
  );
  const readersLeft = counter(
    "readers_left",
    "Readers that left before the end, by what their stream waited for: queue, access_token, handshake, first_token or answer (the rest of it).",
    "phase",
  );
  for (const phase of phases) readersLeft.inc({ phase }, 0);

  return (event) => {
    if (event.type === "reader_resumed") resumed.inc();
    else if (event.type === "reader_dropped") slowReaders.inc();
    else if (event.type === "stream_ended") {
      const { error, phase, readerLeft } = event;
      if (error?.code === "slow_consumer") slowReaders.inc();
      // With an error it was the relay that hung up.
      if (readerLeft && error === undefined) readersLeft.inc({ phase });
    }
  };
}
