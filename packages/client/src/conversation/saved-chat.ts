import { StreamError, type StreamErrorCode } from "../stream-error.ts";
import type { Checkpoint } from "../answer/stream-options.ts";
import type { AnswerStatus, KeptMessage } from "./chat-message.ts";
import type { BranchMessage } from "./message-tree.ts";

/** A conversation as plain JSON. */
export interface SavedChat {
  /** What was shown, oldest first. */
  readonly messages: readonly SavedMessage[];
  /** Messages of other branches, each with the message that it follows. */
  readonly branches?: readonly BranchMessage<SavedMessage>[] | undefined;
  /** Where the last message, an answer, can be resumed. */
  readonly checkpoint?: Checkpoint | undefined;
  /** What was being typed. */
  readonly draft?: string | undefined;
}

/** A message as plain JSON. */
export interface SavedMessage extends Omit<KeptMessage, "error"> {
  readonly error?: SavedError | undefined;
}

/** What is kept of a `StreamError`. */
export interface SavedError {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}

/**
 * Where a conversation is kept: three functions, each of which may return a promise. What they throw
 * is reported and does not harm the conversation.
 */
export interface ChatPersistence {
  /** What was saved last. Anything but a {@link SavedChat} is ignored. */
  load(): SavedChat | undefined | Promise<SavedChat | undefined>;
  /**
   * Called when an answer begins, can be resumed or ends, and when the page is hidden: then nothing
   * waits for a promise. Never called again before the promise of the last call is settled, but then.
   */
  save(saved: SavedChat): unknown;
  /** Called when the conversation is reset. */
  clear(): unknown;
}

/** A saved conversation, checked and converted. */
export interface RestoredChat extends Pick<SavedChat, "checkpoint"> {
  readonly messages: readonly KeptMessage[];
  readonly branches: readonly BranchMessage<KeptMessage>[];
  readonly draft: string;
}

/** A message without what JSON cannot keep. */
export function toSavedMessage<Kind extends KeptMessage>({ error, parts, ...message }: Kind) {
  return {
    ...message,
    // Of nothing but text there is one part: its content.
    parts: parts?.some(({ type }) => type !== "text") ? parts : undefined,
    error: error && { code: error.code, message: error.message, retryable: error.retryable },
  };
}

/** A conversation that was saved; undefined for anything that is not one. */
export function fromSavedChat(value: unknown): RestoredChat | undefined {
  if (!isRecord(value) || !Array.isArray(value["messages"])) return undefined;
  const { messages, branches, checkpoint, draft } = value;
  if (!messages.every(isMessage)) return undefined;
  const canResume = isCheckpoint(checkpoint) && messages.at(-1)?.role === "assistant";
  return {
    messages: messages.map(restored),
    branches: (Array.isArray(branches) ? branches : []).filter(isMessage).map(restored),
    checkpoint: canResume ? checkpoint : undefined,
    draft: typeof draft === "string" ? draft : "",
  };
}

function restored(message: SavedMessage & Readonly<Record<string, unknown>>): KeptMessage {
  const { id, role, content, status, reason, error } = message;
  return {
    id,
    role,
    content,
    ...(status && {
      // The page that received it is closed.
      status: status === "streaming" ? "cancelled" : status,
      parts: content ? [{ type: "text", text: content }] : [],
    }),
    ...(reason && { reason }),
    ...(error && {
      // A code of a newer version is still a code.
      error: new StreamError(error.code as StreamErrorCode, error.message, {
        retryable: error.retryable,
        text: content,
      }),
    }),
    ...Object.fromEntries(
      Object.entries(extras).flatMap(([name, isRight]) =>
        isRight(message[name]) ? [[name, message[name]]] : [],
      ),
    ),
  };
}

/** What else a message may have, and what it must be. */
const extras: Readonly<Record<string, (value: unknown) => boolean>> = {
  parentId: (value) => typeof value === "string",
  createdAt: Number.isFinite,
  metadata: isRecord,
  options: isRecord,
  attachments: isListOfRecords,
  toolCalls: isListOfRecords,
  toolCallId: (value) => typeof value === "string",
  usage: isRecord,
  requestId: (value) => typeof value === "string",
  parts: areTyped,
  events: areTyped,
};

const statuses: readonly unknown[] = [
  "streaming",
  "done",
  "cancelled",
  "error",
] satisfies AnswerStatus[];

function isMessage(value: unknown): value is SavedMessage & Readonly<Record<string, unknown>> {
  return (
    isRecord(value) &&
    hasStrings(value, "id", "role", "content") &&
    (value["status"] === undefined || statuses.includes(value["status"])) &&
    (value["reason"] === undefined || typeof value["reason"] === "string") &&
    (value["error"] === undefined || isError(value["error"]))
  );
}

function isError(value: unknown): value is SavedError {
  return (
    isRecord(value) &&
    hasStrings(value, "code", "message") &&
    typeof value["retryable"] === "boolean"
  );
}

function isCheckpoint(value: unknown): value is Checkpoint {
  return (
    isRecord(value) &&
    hasStrings(value, "streamId", "text") &&
    (value["parts"] === undefined || areTyped(value["parts"])) &&
    Number.isSafeInteger(value["lastEventId"])
  );
}

function hasStrings(value: object, ...names: string[]): boolean {
  return names.every((name) => typeof Reflect.get(value, name) === "string");
}

/** Kinds of a later version may come, as they may from a relay. */
function areTyped(value: unknown): value is readonly { readonly type: string }[] {
  return isListOfRecords(value) && value.every((item) => hasStrings(item, "type"));
}

function isListOfRecords(value: unknown): value is readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) && value.every(isRecord);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
