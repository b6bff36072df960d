import type { Message, StreamRequest } from "@gatestream/protocol";
import {
  type Audit,
  type AuditTrail,
  type Observer,
  RelayError,
  type StreamEnded,
  type StreamIds,
  within,
} from "@gatestream/relay/parts";

/** What both records of a stream have. */
interface RecordBase {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly streamId: string;
  readonly requestId: string;
  /** Who asked. */
  readonly subject: string;
  readonly configurationId: string;
  readonly conversationId?: string;
}

/** A stream began. */
export interface StartedRecord extends RecordBase {
  readonly type: "started";
  readonly transport: "http" | "websocket";
  readonly metadata?: Readonly<Record<string, string>>;
  /** With `content` alone. */
  readonly messages?: readonly Message[];
}

/** A stream ended. */
export interface EndedRecord extends RecordBase {
  readonly type: "ended";
  /** The stop event's reason, or `error`. */
  readonly ending: string;
  /** Of the error. */
  readonly code?: string;
  /** Whether the reader left before the terminal event. */
  readonly readerLeft: boolean;
  /** Pieces of text that the gateway sent. */
  readonly tokens: number;
  readonly usage?: StreamEnded["usage"];
  /** What the gateway's operators find the request by. */
  readonly correlationId?: string;
  readonly durationMs: number;
  /** The answer's text, with `content` alone. */
  readonly text?: string;
}

export type AuditRecord = StartedRecord | EndedRecord;

/** Where records are kept. */
export interface AuditSink {
  /** Keeps records, in order: all of them when it resolves; when it rejects it gets the same again. */
  write(records: readonly AuditRecord[]): Promise<void>;
  close(): Promise<void>;
}

export interface AuditOptions {
  /** Whether records hold the conversation and the answer's text. @defaultValue false */
  readonly content?: boolean;
  /** Whether no stream begins while records cannot be kept. @defaultValue false */
  readonly required?: boolean;
  /** Records that may wait for the sink; what comes then is dropped, and counted. @defaultValue 10000 */
  readonly maxWaiting?: number;
}

const firstRetryMs = 250;
const longestRetryMs = 10_000;
const closeTimeoutMs = 3_000;
/** What one `write` gets at most. */
const maxBatch = 500;
/** After this a write is told as failed; what it does later counts all the same. */
const overdueMs = 10_000;
/** What may wait of conversations and answers, in UTF-16 code units. */
const maxWaitingChars = 64 * 1024 * 1024;

/**
 * Records each stream in `sink`, with a record when it begins and one when it ends. While the sink fails,
 * records wait and are tried again; each outage, and each record that is dropped, is reported to the
 * relay's observer.
 */
export function audit(sink: AuditSink, options: AuditOptions = {}): Audit {
  const { content = false, required = false, maxWaiting = 10_000 } = options;
  const waiting: AuditRecord[] = [];
  let waitingChars = 0;
  let dropped = 0;
  let isDropping = false;
  let observe: Observer = () => {};
  let writing: Promise<void> | undefined;
  let failure: Error | undefined;
  let isClosed = false;
  /** Ends a wait between two tries. */
  let hurry = (): void => {};

  const isFull = (): boolean => waiting.length >= maxWaiting || waitingChars >= maxWaitingChars;

  function add(record: AuditRecord): void {
    if (isClosed || isFull()) {
      dropped += 1;
      // The first at once, the others together when there is room again.
      if (isClosed || !isDropping) reportDropped();
      isDropping = true;
      return;
    }
    waiting.push(record);
    waitingChars += charsIn(record);
    writing ??= write();
  }

  function fail(reason: unknown): void {
    const isFirst = failure === undefined;
    failure = reason instanceof Error ? reason : new Error(String(reason));
    if (isFirst) observe({ type: "audit_failed", failure });
  }

  function reportDropped(): void {
    if (dropped > 0) observe({ type: "audit_dropped", records: dropped });
    dropped = 0;
  }

  async function write(): Promise<void> {
    let retryMs = firstRetryMs;
    // What is added in this turn is written together.
    await Promise.resolve();
    while (waiting.length > 0) {
      const batch = waiting.slice(0, maxBatch);
      const overdue = setTimeout(fail, overdueMs, new Error("The record takes too long to write."));
      try {
        await sink.write(batch);
        waiting.splice(0, batch.length);
        for (const record of batch) waitingChars -= charsIn(record);
        retryMs = firstRetryMs;
        if (failure !== undefined) observe({ type: "audit_ready" });
        failure = undefined;
        reportDropped();
        isDropping = false;
      } catch (reason) {
        fail(reason);
        if (isClosed) break;
        await pause(retryMs);
        retryMs = Math.min(longestRetryMs, retryMs * 2);
      } finally {
        clearTimeout(overdue);
      }
    }
    writing = undefined;
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  return {
    admit() {
      if (!required || (failure === undefined && !isFull())) return;
      throw new RelayError("overloaded", "The relay cannot keep its record; try again later.", {
        retryAfterMs: 5_000,
      });
    },
    begin(ids, request) {
      const { messages, metadata } = request;
      const base = baseOf(ids, request);
      add({
        type: "started",
        ...base,
        transport: ids.transport,
        ...(metadata && { metadata }),
        ...(content && { messages: [...messages] }),
      });
      return trailOf(base, { content, add });
    },
    reportTo(observer) {
      observe = observer;
    },
    async close() {
      isClosed = true;
      hurry();
      if (writing !== undefined) await within(closeTimeoutMs, writing);
      dropped += waiting.length;
      reportDropped();
      await sink.close();
    },
  };
}

/** How much of a conversation or an answer it holds. */
function charsIn(record: AuditRecord): number {
  if (record.type === "ended") return record.text?.length ?? 0;
  const { messages = [] } = record;
  return messages.reduce((sum, { content }) => {
    return sum + (typeof content === "string" ? content : JSON.stringify(content)).length;
  }, 0);
}

function baseOf(ids: StreamIds, { conversationId }: StreamRequest) {
  const { streamId, requestId, subject, configurationId } = ids;
  return {
    at: new Date().toISOString(),
    streamId,
    requestId,
    subject,
    configurationId,
    ...(conversationId !== undefined && { conversationId }),
  };
}

function trailOf(
  base: RecordBase,
  { content, add }: { readonly content: boolean; readonly add: (record: AuditRecord) => void },
): AuditTrail {
  let text = "";
  return {
    ...(content && {
      events(batch) {
        for (const event of batch) {
          const token = typeof event === "string" ? JSON.parse(event) : event;
          if (token.type === "token") text += token.content;
        }
      },
    }),
    end({ ending, error, readerLeft, tokens, usage, correlationId, durationMs }) {
      add({
        type: "ended",
        ...base,
        at: new Date().toISOString(),
        ending,
        ...(error !== undefined && { code: error.code }),
        readerLeft,
        tokens,
        ...(usage !== undefined && { usage }),
        ...(correlationId !== undefined && { correlationId }),
        durationMs: Math.round(durationMs),
        ...(content && { text }),
      });
    },
  };
}
