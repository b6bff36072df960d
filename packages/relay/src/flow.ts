import { randomBytes } from "node:crypto";
import type { StreamRequest } from "@gatestream/protocol";
import { describeError, isRelayError, toRelayError, type RelayError } from "./errors.ts";
import type { Provider } from "./gateway/provider.ts";
import type { EventLog, LogBatch } from "./log/event-log.ts";
import { pump } from "./log/pump.ts";
import { createQueueNotices } from "./log/queue-notices.ts";
import { harmless } from "./observe/harmless.ts";
import type { Observer } from "./observe/observer.ts";
import type { IncomingTrace } from "./observe/remote-trace.ts";
import { createStreamRecord } from "./observe/stream-record.ts";
import { startStreamTrace } from "./observe/stream-trace.ts";
import type { OutputFormat } from "./output/format.ts";
import type { Channel } from "./transport/channel.ts";

/** The rooms, as the composition root has furnished them. */
export interface FlowParts {
  readonly provider: Provider;
  readonly log: EventLog;
  readonly observe: Observer;
  readonly heartbeatMs: number;
  readonly firstByteGraceMs: number;
}

/** One admitted request and the way to its reader. */
export interface StreamCall {
  readonly requestId: string;
  /** Who asks. */
  readonly subject: string;
  /** The trace that the request belongs to. */
  readonly incomingTrace: IncomingTrace;
  readonly request: StreamRequest;
  readonly format: OutputFormat;
  readonly channel: Channel;
  /** Aborted, with the `RelayError` to tell, when the relay must end the stream. */
  readonly ending: AbortSignal;
}

/** How long a reader may take to hear how a stream ended that the relay had to end. */
const lastWordsMs = 1_000;

/** The whole way of one answer: ask the gateway, log what it says, tell the reader. */
export async function runStream(parts: FlowParts, call: StreamCall): Promise<void> {
  const { provider, log, observe } = parts;
  const { request, requestId, subject, channel } = call;
  // 128 random bits: not to be guessed.
  const streamId = randomBytes(16).toString("base64url");
  const { configurationId } = request;
  const stream = { streamId, configurationId, providerName: provider.name };
  const trace = startStreamTrace(stream, call.incomingTrace);
  const ids = { streamId, requestId, subject, configurationId };
  const record = createStreamRecord(ids, harmless(trace.hear, observe));

  // Armed before anything else: a reader may leave in every phase.
  const upstream = new AbortController();
  const onLeft = (): void => upstream.abort();
  let lastWords: NodeJS.Timeout | undefined;
  const onEnding = (): void => {
    upstream.abort(call.ending.reason);
    // A reader who does not read would keep the relay from stopping.
    lastWords = setTimeout(() => channel.drop(), lastWordsMs);
  };
  channel.left.addEventListener("abort", onLeft, { once: true });
  call.ending.addEventListener("abort", onEnding, { once: true });
  if (channel.left.aborted) onLeft();
  if (call.ending.aborted) onEnding();

  try {
    const writer = await log.create(streamId, { subject });
    const events = await log.follow(streamId, { after: 0, signal: channel.left });
    if (events === undefined) throw new Error("The log lost a stream that it had just opened.");

    const queue = createQueueNotices(writer);
    const answer = provider.open(request, {
      signal: upstream.signal,
      streamId,
      subject,
      observe: record.hear,
      onPosition: queue.update,
      traceHeaders: trace.headers,
    });
    const pumped = pump(answer, writer, {
      terminalFor(failure) {
        const { aborted, reason } = upstream.signal;
        if (aborted && !isRelayError(reason)) return { type: "stop", reason: "cancelled" };
        const error = toRelayError(aborted ? reason : failure);
        record.failed(error);
        return { type: "error", ...describeError(error, requestId) };
      },
      signal: upstream.signal,
      onBatch: record.count,
    }).catch((failure: unknown) => {
      // Without its log nothing can be told: a reader who is cut off without a word knows it.
      record.failed(toRelayError(failure));
      upstream.abort();
      channel.drop();
    });
    try {
      const refusal = await refusalWithin(parts.firstByteGraceMs, answer);
      if (refusal === undefined) {
        queue.open();
        await tell(parts, call, { streamId, events, upstream, resumable: writer.isResumable });
      } else {
        channel.refuse(refusal);
      }
    } catch (failure) {
      upstream.abort(toRelayError(failure));
      throw failure;
    } finally {
      await pumped;
    }
  } catch (failure) {
    record.failed(toRelayError(failure));
    throw failure;
  } finally {
    record.end(channel.left.aborted);
    clearTimeout(lastWords);
    channel.left.removeEventListener("abort", onLeft);
    call.ending.removeEventListener("abort", onEnding);
  }
}

interface OpenStream {
  readonly streamId: string;
  readonly events: AsyncIterable<LogBatch>;
  readonly upstream: AbortController;
  readonly resumable: boolean;
}

/** Follows the log for one reader, from the head of the response to its end. */
async function tell(parts: FlowParts, call: StreamCall, stream: OpenStream): Promise<void> {
  const { channel, format } = call;
  const { streamId, events, upstream, resumable } = stream;
  const { heartbeatMs } = parts;
  channel.open({ streamId, mediaType: format.mediaType });
  channel.write(format.begin({ type: "start", streamId, resumable, heartbeatMs }));
  const heartbeat = setInterval(() => channel.write(format.heartbeat), heartbeatMs);
  try {
    for await (const { events: batch, firstId } of events) {
      heartbeat.refresh();
      const hasRoom = channel.write(format.encode(batch, firstId));
      // Once the upstream is given up, what little is left waits for nobody.
      if (hasRoom || upstream.signal.aborted) continue;
      await channel.room().catch((slow) => upstream.abort(slow));
    }
  } finally {
    clearInterval(heartbeat);
  }
  await channel.end();
}

/** Why the gateway did not answer; undefined once it has, or when the grace has passed. */
async function refusalWithin(
  graceMs: number,
  answer: Promise<unknown>,
): Promise<RelayError | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const grace = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, graceMs);
  });
  try {
    await Promise.race([answer, grace]);
    return undefined;
  } catch (failure) {
    return toRelayError(failure);
  } finally {
    clearTimeout(timer);
  }
}
