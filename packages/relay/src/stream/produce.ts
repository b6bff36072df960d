import {
  readEvent,
  type StopEvent,
  type TerminalEvent,
  type WrittenEvent,
} from "@gatestream/protocol";
import { describeError, isRelayError, RelayError, toRelayError } from "../errors.ts";
import {
  pushAnswer,
  type Answer,
  type AnswerFlow,
  type AnswerSink,
  type Provider,
  type ProviderContext,
} from "../gateway/provider.ts";
import { charsIn } from "../gateway/request-size.ts";
import { readUsage } from "../gateway/usage.ts";
import type { LogWriter } from "../log/event-log.ts";
import type { Audit, AuditTrail } from "../observe/audit.ts";
import { combineObservers, type Observer, type ObserverEvent } from "../observe/observer.ts";
import { loggedConfigurationId, loggedStreamId } from "../observe/logged-names.ts";
import { StreamRecord } from "../observe/stream-record.ts";
import type { StartTrace, StreamTrace } from "../observe/trace.ts";
import type { AnswerRequest } from "./answer-request.ts";
import { createQueueNotices, type QueueNotices } from "./queue-notices.ts";

export interface ProductionOptions {
  readonly provider: Provider;
  readonly observe: Observer;
  readonly startTrace: StartTrace;
  readonly audit?: Audit | undefined;
  readonly writer: LogWriter;
  /** Awaited before it is known that the gateway has not accepted. */
  readonly beforeRefusal?: () => Promise<void>;
  /** Called once: the terminal event is in the log, or the log itself failed. */
  readonly onEnd: (outcome: { readonly hasLogFailed: boolean }) => void;
}

/** Why a stream ends that had no readers for the grace period. */
export class AbandonedError extends Error {
  override readonly name = "AbandonedError";

  constructor() {
    super("Nobody reads the stream.");
  }
}

/**
 * The gateway's side of a stream: asks, and appends what comes to the log until exactly one terminal
 * event is in it, whatever the provider does.
 */
export class Production implements AnswerSink {
  readonly #options: ProductionOptions;
  readonly #requestId: string;
  readonly #record: StreamRecord;
  /** A provider may empty the conversation once it is sent. */
  readonly #inputChars: number;
  /** Made for an answer that waits: most do not. */
  #queue: QueueNotices | undefined;
  #showsPositions = false;
  readonly #context: AnswerContext;
  readonly #trail: AuditTrail | undefined;
  #flow: AnswerFlow | undefined;
  /** Set once the answer is not wanted any more: perhaps before there is a flow. */
  #stopped: { readonly reason: unknown } | undefined;
  /** Why the gateway did not accept. */
  #refusal: RelayError | undefined;
  /** Called when it is known whether the gateway accepts, or is not going to be. */
  #onDecided: (() => void) | undefined;
  #isAccepted = false;
  #isRefusing = false;
  #isOver = false;

  constructor(request: AnswerRequest, options: ProductionOptions) {
    this.#options = options;
    this.#requestId = request.requestId;
    this.#inputChars = charsIn(request.request.messages);
    const { requestId, transport } = request;
    const { subject } = request.caller;
    const streamId = loggedStreamId(request.streamId, request.owner);
    const configurationId = loggedConfigurationId(request.request.configurationId);
    const trace = options.startTrace(
      { streamId, configurationId, providerName: options.provider.name },
      request.incomingTrace,
    );
    const ids = { streamId, requestId, subject, configurationId, transport };
    this.#trail = options.audit?.begin(ids, request.request);
    const observers = [trace.notify, options.observe];
    if (this.#trail !== undefined) observers.push(endOf(this.#trail));
    this.#record = new StreamRecord(ids, combineObservers(...observers));
    this.#context = new AnswerContext(ids, this, trace);
  }

  /** Asks the provider, unless the answer has been cancelled. */
  start({ request }: AnswerRequest): void {
    const { provider } = this.#options;
    this.#open(() => provider.open(request, this.#context, this));
  }

  /** Asks for the answer again that another relay has lost, from its start. */
  reattach(handle: string): void {
    const { provider } = this.#options;
    const sink: AnswerSink = {
      accepted: () => this.accepted(),
      events: (batch) => this.events(batch),
      end: (failure) => this.end(this.#isAccepted ? failure : lostError(failure)),
    };
    this.#open(
      () => provider.reattach?.(handle, this.#context, sink) ?? Promise.reject(lostError()),
    );
  }

  #open(open: () => AnswerFlow | Promise<Answer>): void {
    if (this.#isOver) return;
    try {
      const opened = open();
      this.#flow = "then" in opened ? pushAnswer(opened, this) : opened;
      if (this.#stopped !== undefined) this.#flow.cancel(this.#stopped.reason);
    } catch (failure) {
      this.end(failure);
    }
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Takes what the provider notifies of. */
  observe(event: ObserverEvent): void {
    this.#record.notify(event);
  }

  accepted(): void {
    if (this.#isOver) return;
    this.#isAccepted = true;
    this.#record.accepted(this.#inputChars);
    this.#onDecided?.();
  }

  reattachable(handle: string): void {
    if (!this.#isOver) this.#options.writer.keepHandle?.(handle);
  }

  events(given: readonly WrittenEvent[]): boolean {
    if (this.#isOver || this.#isRefusing) return true;
    const batch = withReadUsage(given);
    // Events are an acceptance: what follows them is no refusal any more.
    if (!this.#isAccepted) this.accepted();
    const { writer } = this.#options;
    let hasRoom: boolean;
    try {
      hasRoom = writer.append(writer.takesJson === true ? batch : batch.map(readEvent));
    } catch (failure) {
      this.#onLogFailed(failure);
      return true;
    }
    this.#trail?.events?.(batch);
    if (this.#record.count(batch)) this.#settle();
    return hasRoom;
  }

  end(failure?: unknown): void {
    if (this.#isOver || this.#isRefusing) return;
    const error =
      failure === undefined
        ? new RelayError("gateway_protocol_error", "The answer ended without a terminal event.")
        : toRelayError(failure);
    const { beforeRefusal } = this.#options;
    if (this.#isAccepted || beforeRefusal === undefined) {
      this.#fail(error);
      return;
    }
    this.#isRefusing = true;
    const fail = (): void => {
      if (!this.#isOver) this.#fail(error);
    };
    beforeRefusal().then(fail, fail);
  }

  /**
   * Ends an answer that is no longer needed: with an error where `reason` is a `RelayError`,
   * as `abandoned` or `cancelled` otherwise.
   */
  cancel(reason?: unknown): void {
    if (this.#isOver) return;
    // The upstream first: it bills what it sends. What it says from now on is too late.
    this.#isOver = true;
    try {
      this.#stopAsking(reason);
    } finally {
      if (isRelayError(reason)) this.#fail(reason);
      else {
        const stopReason = reason instanceof AbandonedError ? "abandoned" : "cancelled";
        const usage = this.#record.estimate;
        this.#append({ type: "stop", reason: stopReason, ...(usage && { usage }) });
      }
    }
  }

  #stopAsking(reason: unknown): void {
    this.#stopped = { reason };
    this.#flow?.cancel(reason);
    this.#context.abort(reason);
  }

  /** Why the gateway did not accept; undefined once it has, or when the grace has passed. */
  async refusalWithin(graceMs: number): Promise<RelayError | undefined> {
    if (!this.#isAccepted && !this.#isOver) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, graceMs);
        this.#onDecided = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#onDecided = undefined;
    }
    return this.#refusal;
  }

  /** The log accepts events again. */
  resume(): void {
    this.#queue?.onRoom();
    this.#flow?.resume();
  }

  notifyPosition(position: number): void {
    if (this.#isOver) return;
    if (this.#queue === undefined) {
      this.#queue = createQueueNotices(this.#options.writer);
      if (this.#showsPositions) this.#queue.open();
    }
    this.#queue.update(position);
  }

  /** From now on there is a reader of the stream's position in the queue. */
  showPositions(): void {
    this.#showsPositions = true;
    if (!this.#isOver) this.#queue?.open();
  }

  /** Notifies the observers of the stream's whole life; a second call does nothing. */
  notifyEnd(hasReaderLeft: boolean): void {
    this.#record.end(hasReaderLeft);
  }

  #fail(error: RelayError): void {
    this.#record.failed(error);
    if (!this.#isAccepted) this.#refusal = error;
    this.#append({ type: "error", ...describeError(error, this.#requestId) });
  }

  #append(terminal: TerminalEvent): void {
    // Appending may resume the writer.
    this.#isOver = true;
    try {
      this.#options.writer.append([terminal]);
      this.#record.count([terminal]);
    } catch (failure) {
      this.#isOver = false;
      this.#onLogFailed(failure);
      return;
    }
    this.#settle();
  }

  #onLogFailed(failure: unknown): void {
    if (this.#isOver) return;
    this.#record.failed(toRelayError(failure));
    this.#settle({ hasLogFailed: true });
    this.#stopAsking(failure);
  }

  #settle(outcome = { hasLogFailed: false }): void {
    this.#isOver = true;
    this.#queue?.close();
    this.#onDecided?.();
    this.#options.onEnd(outcome);
  }
}

/** The usage in the protocol's names, whatever the upstream or a host's provider calls its fields. */
function withReadUsage(batch: readonly WrittenEvent[]): readonly WrittenEvent[] {
  const last = batch.at(-1);
  if (typeof last !== "object" || last.type !== "stop" || last["usage"] === undefined) return batch;
  const { usage: told, ...stop } = last as StopEvent;
  const usage = readUsage(told);
  return [...batch.slice(0, -1), { ...stop, ...(usage && { usage }) }];
}

function lostError(cause?: unknown): RelayError {
  const message = "The relay that wrote this answer is gone, and it could not be continued.";
  return new RelayError("producer_lost", message, { cause });
}

/** Tells `trail` of the stream's end. */
function endOf(trail: AuditTrail): Observer {
  return (event) => {
    if (event.type === "stream_ended") trail.end(event);
  };
}

/** What the provider is told of the answer. */
class AnswerContext implements ProviderContext {
  readonly streamId: string;
  readonly subject: string;
  readonly observe: Observer;
  readonly onPosition: ProviderContext["onPosition"];
  readonly traceHeaders: ProviderContext["traceHeaders"];
  readonly #production: Production;
  #abort: AbortController | undefined;

  constructor(
    { streamId, subject }: Pick<ProviderContext, "streamId" | "subject">,
    production: Production,
    trace: StreamTrace,
  ) {
    this.streamId = streamId;
    this.subject = subject;
    this.observe = (event) => production.observe(event);
    this.onPosition = (position) => production.notifyPosition(position);
    this.traceHeaders = trace.headers;
    this.#production = production;
  }

  /** Made for those who ask for it: most providers have a flow that is cancelled. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#production.isOver) this.#abort.abort();
    return this.#abort.signal;
  }

  abort(reason: unknown): void {
    this.#abort?.abort(reason);
  }
}
