import { Counter, Histogram, type Registry } from "prom-client";
import type { Observer, StreamPhase } from "@gatestream/relay/parts";

/** The phases in the order in which a stream goes through them. */
const phaseOrder: Readonly<Record<StreamPhase, number>> = {
  queue: 0,
  access_token: 1,
  handshake: 2,
  first_token: 3,
  answer: 4,
};

// Seconds. A place or an access token is mostly there at once; 120 is the usual
// `firstByteTimeoutMs`.
const waitBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
// Seconds. Closest where models usually begin to speak, and up to one that thinks for a minute.
const firstTokenBuckets = [
  0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.5, 2, 3, 5, 7.5, 10, 15, 20, 30, 45, 60,
];
// Seconds. 900 is the usual `totalTimeoutMs`.
const durationBuckets = [0.25, 0.5, 1, 2.5, 5, 10, 15, 20, 30, 45, 60, 90, 120, 300, 600, 900];

/** Counts what streams took and gave, once each, when they end. */
export function createAnswerMetrics(registry: Registry): Observer {
  const registers = [registry];
  const seconds = (name: string, help: string, buckets: number[]) =>
    new Histogram({ name: `gatestream_${name}_seconds`, help, buckets, registers });
  const count = (name: string, help: string) =>
    new Counter({ name: `gatestream_${name}_total`, help, registers });

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
  const tokens = count("tokens", "Tokens of the streams that have ended.");
  const skippedLines = count(
    "skipped_lines",
    "Lines of the gateway that were skipped because they were no JSON objects.",
  );

  return (event) => {
    if (event.type !== "stream_ended") return;
    const { phase, firstTokenMs, queueMs, accessTokenMs, handshakeMs, durationMs } = event;
    // Streams that gave up in the queue would make the gateway look quick.
    const cameTo = (earlier: StreamPhase) => phaseOrder[phase] >= phaseOrder[earlier];
    if (firstTokenMs !== undefined) firstToken.observe(firstTokenMs / 1000);
    queueWait.observe(queueMs / 1000);
    if (cameTo("access_token")) accessTokenWait.observe(accessTokenMs / 1000);
    if (cameTo("handshake")) handshake.observe(handshakeMs / 1000);
    duration.observe(durationMs / 1000);
    tokens.inc(event.tokens);
    skippedLines.inc(event.warnings);
  };
}
