import type { StreamRequest } from "@gatestream/protocol";
import { describeError, isRelayError, toRelayError } from "../errors.ts";
import type { Provider } from "../gateway/provider.ts";
import type { LogWriter } from "../log/event-log.ts";
import { pump } from "../log/pump.ts";
import { createQueueNotices } from "../log/queue-notices.ts";
import { harmless } from "../observe/harmless.ts";
import { loggedConfigurationId, loggedStreamId } from "../observe/logged-names.ts";
import type { Observer, Transport } from "../observe/observer.ts";
import type { IncomingTrace } from "../observe/remote-trace.ts";
import { createStreamRecord } from "../observe/stream-record.ts";
import { startStreamTrace } from "../observe/stream-trace.ts";
import { AbandonedError } from "./running-streams.ts";

export interface ProduceParts {
  readonly provider: Provider;
  readonly observe: Observer;
}

/** One admitted request. */
export interface Order {
  readonly streamId: string;
  readonly requestId: string;
  /** Who asks. */
  readonly subject: string;
  /** Who may come back for it; empty where its id is all that is asked for. */
  readonly owner: string;
  readonly request: StreamRequest;
  /** The trace that the request belongs to. */
  readonly incomingTrace: IncomingTrace;
  /** How it came. */
  readonly transport: Transport;
  /** Aborted when nobody wants the answer any more, or with the `RelayError` that ends it. */
  readonly signal: AbortSignal;
  /** Awaited before anybody hears that the gateway has not accepted. */
  readonly beforeRefusal?: () => Promise<void>;
}

/** An answer on its way into the log. */
export interface Production {
  /**
   * Settles when the gateway has accepted, or with the `RelayError` why it has not; also when the
   * answer is cancelled before: how it ended is in the log.
   */
  readonly accepted: Promise<unknown>;
  /** Resolves when the terminal event is in the log; rejects when the log itself fails. */
  readonly done: Promise<void>;
  /** From now on there is somebody to hear of the stream's place in the queue. */
  tellPlaces(): void;
  /** Tells the operator of the stream's whole life. */
  tellEnd(hasReaderLeft: boolean): void;
}

/** The gateway's side: asks, and logs what comes until exactly one terminal event is in the log. */
export function produce(parts: ProduceParts, order: Order, writer: LogWriter): Production {
  const { provider, observe } = parts;
  const { requestId, subject, request, signal } = order;
  const streamId = loggedStreamId(order.streamId, order.owner);
  const configurationId = loggedConfigurationId(request.configurationId);
  const stream = { streamId, configurationId, providerName: provider.name };
  const trace = startStreamTrace(stream, order.incomingTrace);
  const { transport } = order;
  const ids = { streamId, requestId, subject, configurationId, transport };
  const record = createStreamRecord(ids, harmless(trace.hear, observe));
  const queue = createQueueNotices(writer);

  async function ask() {
    try {
      return await provider.open(request, {
        signal,
        streamId,
        subject,
        observe: record.hear,
        onPosition: queue.update,
        traceHeaders: trace.headers,
      });
    } catch (failure) {
      await order.beforeRefusal?.();
      throw failure;
    }
  }

  const isCancelled = (): boolean => signal.aborted && !isRelayError(signal.reason);

  async function run(): Promise<void> {
    try {
      await pump(answer, writer, {
        terminalFor(failure) {
          const { aborted, reason } = signal;
          if (isCancelled()) {
            const isAbandoned = reason instanceof AbandonedError;
            return { type: "stop", reason: isAbandoned ? "abandoned" : "cancelled" };
          }
          const error = toRelayError(aborted ? reason : failure);
          record.failed(error);
          return { type: "error", ...describeError(error, requestId) };
        },
        signal,
        onBatch: record.count,
      });
    } catch (failure) {
      record.failed(toRelayError(failure));
      throw failure;
    } finally {
      queue.close();
    }
  }

  const answer = ask();
  const accepted = answer.catch((failure: unknown) => {
    if (!isCancelled()) throw failure;
  });
  // Perhaps nobody waits for it: the log has it in any case.
  accepted.catch(() => {});
  return { accepted, done: run(), tellPlaces: queue.open, tellEnd: record.end };
}
