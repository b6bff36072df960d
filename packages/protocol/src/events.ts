import type { ErrorCode } from "./errors.ts";

/** A piece of the answer's text, as the gateway cut it. Never trimmed. */
export interface TokenEvent {
  readonly type: "token";
  readonly content: string;
  /** The gateway's own count, or the relay's where the gateway gave none. Starts at 0. */
  readonly index: number;
}

/** A piece of what the model thought: it is not part of the answer's text. */
export interface ReasoningEvent {
  readonly type: "reasoning";
  readonly content: string;
}

/**
 * A call of a tool that the model asks for. Events of one `callId` belong together: their
 * `argumentsDelta` in order are the arguments, unless one event has them whole.
 */
export interface ToolCallEvent {
  readonly type: "tool_call";
  readonly callId: string;
  readonly name: string;
  /** The next piece of the arguments' JSON text. */
  readonly argumentsDelta?: string;
  /** The whole JSON text of the arguments. */
  readonly arguments?: string;
  /** Whether nothing more comes of this call. */
  readonly isComplete?: true;
}

/** Something that the answer is based on. */
export interface SourceEvent {
  readonly type: "source";
  /** Unique in the answer; where the text has `[1]`, that is source `1`. */
  readonly sourceId: string;
  readonly url?: string;
  readonly title?: string;
  readonly documentId?: string;
  /** Which part of the text it supports: UTF-16 code units from the start of the answer. */
  readonly from?: number;
  readonly to?: number;
}

/** A file that belongs to the answer: at `url`, or as `data` in base64. */
export interface FileEvent {
  readonly type: "file";
  readonly mediaType: string;
  readonly url?: string;
  readonly data?: string;
}

/** An object of a type that only the gateway knows, passed on whole. */
export interface GatewayEvent {
  /** The gateway's own word; where it is one of this protocol's, with `gateway.` in front. */
  readonly type: string;
  readonly content: string;
  readonly index: number;
  readonly [field: string]: unknown;
}

/**
 * Why an answer ended: `stop` the gateway said so, `eof` it closed cleanly without saying so,
 * `length` it reached its length limit, `cancelled` its caller asked for it, `abandoned` it had no
 * reader for `resumableForMs`, or the gateway's own word.
 */
export type StopReason = "stop" | "eof" | "length" | "cancelled" | "abandoned" | (string & {});

/** What the answer cost, in tokens: parts of totals, never additions. */
export interface Usage {
  /** Of the conversation, the cached ones included. */
  readonly inputTokens?: number;
  /** Of the answer, those of reasoning included. */
  readonly outputTokens?: number;
  readonly totalTokens?: number;
  readonly reasoningTokens?: number;
  readonly cachedInputTokens?: number;
  /** Whether the relay counted because the answer ended before the gateway told it. */
  readonly isEstimate?: true;
  /** What the gateway told, in its own fields. */
  readonly raw?: Readonly<Record<string, unknown>>;
}

/** The answer is complete: a terminal event. */
export interface StopEvent {
  readonly type: "stop";
  readonly reason: StopReason;
  readonly usage?: Usage;
}

/** The answer ended with a failure: a terminal event. */
export interface ErrorEvent {
  readonly type: "error";
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  /** How long to wait before trying again, in milliseconds. */
  readonly retryAfterMs?: number;
  readonly requestId: string;
}

/** The first event: the relay has taken the request. */
export interface StartEvent {
  readonly type: "start";
  readonly streamId: string;
  /** Whether the stream can be followed again after a lost connection. */
  readonly resumable: boolean;
  /** How long the stream goes on without a reader, in milliseconds; 0 where it is not resumable. */
  readonly resumableForMs: number;
  /** The longest silence of a living stream, in milliseconds: then comes a comment. */
  readonly heartbeatMs: number;
}

/** The request waits for its turn. */
export interface QueuedEvent {
  readonly type: "queued";
  /** 1 is next; 0 is its turn: the gateway is being asked. */
  readonly position: number;
}

/** Something was passed over without ending the stream. */
export interface WarningEvent {
  readonly type: "warning";
  readonly code: WarningCode;
}

/**
 * `malformed_line`: the gateway sent a line that is not a JSON object; it was skipped.
 * `not_resumable`: the stream continues, but a reader that loses its connection now cannot resume for the time being.
 */
export type WarningCode = "malformed_line" | "not_resumable";

/** The replay is over; what follows happens now. */
export interface LiveEvent {
  readonly type: "live";
}

/** Events that are no longer kept. */
export interface GapEvent {
  readonly type: "gap";
  /** First missing id. */
  readonly from: number;
  /** Last missing id. */
  readonly to: number;
}

/** The relay is going away: follow the stream again, elsewhere. */
export interface ReconnectEvent {
  readonly type: "reconnect";
  readonly retryMs: number;
}

export type TerminalEvent = StopEvent | ErrorEvent;

/** What an answer is made of besides its text. */
export type PartEvent = ReasoningEvent | ToolCallEvent | SourceEvent | FileEvent;

/** What carries an id and moves the cursor: unnamed SSE messages. */
export type NumberedEvent = TokenEvent | PartEvent | TerminalEvent | GatewayEvent;

/** What carries no id: named SSE events that a plain `onmessage` never sees. */
export type NoticeEvent =
  | StartEvent
  | QueuedEvent
  | WarningEvent
  | LiveEvent
  | GapEvent
  | ReconnectEvent;

/** Every event this protocol names: a union that narrows on `type`. */
export type KnownEvent = TokenEvent | PartEvent | TerminalEvent | NoticeEvent;

/** Everything that may cross the wire. */
export type StreamEvent = KnownEvent | GatewayEvent;

/** A token as its JSON, `{"type":"token","content":"…","index":0}`: most tokens are only passed on. */
export type TokenJson = `{"type":"token",${string}`;

/** An event that may have its JSON already. */
export type WrittenEvent = StreamEvent | TokenJson;

/** The event itself. */
export function readEvent(event: WrittenEvent): StreamEvent {
  return typeof event === "string" ? (JSON.parse(event) as TokenEvent) : event;
}

const noticeTypes: ReadonlySet<string> = new Set<NoticeEvent["type"]>([
  "start",
  "queued",
  "warning",
  "live",
  "gap",
  "reconnect",
]);

/** Whether `type` names a notice. */
export function isNoticeType(type: string): type is NoticeEvent["type"] {
  return noticeTypes.has(type);
}

/** Whether `event` is a notice: it has no id. */
export function isNotice(event: WrittenEvent): event is NoticeEvent {
  return typeof event !== "string" && noticeTypes.has(event.type);
}

/** Whether nothing comes after `event`. */
export function isTerminal(event: WrittenEvent): event is TerminalEvent {
  return typeof event !== "string" && (event.type === "stop" || event.type === "error");
}
