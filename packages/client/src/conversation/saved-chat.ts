import { StreamError, type StreamErrorCode } from "../stream-error.ts";
import type { Checkpoint } from "../answer/stream-options.ts";
import type { AnswerStatus, ChatMessage } from "./chat-message.ts";

/** A conversation as plain JSON. */
export interface SavedChat {
  readonly messages: readonly SavedMessage[];
  /** Where the last message, an answer, can be gone on with. */
  readonly checkpoint?: Checkpoint | undefined;
}

/** A message as plain JSON. */
export interface SavedMessage extends Omit<ChatMessage, "error"> {
  readonly error?: SavedError | undefined;
}

/** What is kept of a `StreamError`. */
export interface SavedError {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}

/** Where a conversation is kept. What it throws is reported and does not harm the conversation. */
export interface ChatPersistence {
  /** What was saved last. It need not be trusted: anything but a {@link SavedChat} is ignored. */
  load(): SavedChat | undefined;
  /** Called when an answer begins, can be resumed or ends, and when the page is hidden. */
  save(saved: SavedChat): void;
  /** Called when the conversation begins anew. */
  clear(): void;
}

/** A conversation that was saved, as it goes on. */
export interface RestoredChat {
  readonly messages: readonly ChatMessage[];
  readonly checkpoint: Checkpoint | undefined;
}

/** What is to be saved of a conversation whose last answer can be resumed, or cannot. */
export function toSavedChat(
  messages: readonly ChatMessage[],
  checkpoint: Checkpoint | undefined,
): SavedChat {
  const saved = messages.map(({ error, ...message }) => {
    if (error === undefined) return message;
    const { code, message: reason, retryable } = error;
    return { ...message, error: { code, message: reason, retryable } };
  });
  return { messages: saved, ...(checkpoint && { checkpoint }) };
}

/** A conversation that was saved; undefined for anything that is not one. */
export function fromSavedChat(value: unknown): RestoredChat | undefined {
  if (!isRecord(value) || !Array.isArray(value["messages"])) return undefined;
  const { messages, checkpoint } = value;
  if (!messages.every(isMessage)) return undefined;
  const canResume = isCheckpoint(checkpoint) && messages.at(-1)?.role === "assistant";
  return {
    messages: messages.map(restored),
    checkpoint: canResume ? checkpoint : undefined,
  };
}

function restored({ id, role, content, status, reason, error }: SavedMessage): ChatMessage {
  return {
    id,
    role,
    content,
    // The page that wrote it is closed.
    ...(status && { status: status === "streaming" ? "cancelled" : status }),
    ...(reason && { reason }),
    ...(error && {
      // A code of a newer version is still a code.
      error: new StreamError(error.code as StreamErrorCode, error.message, {
        retryable: error.retryable,
        text: content,
      }),
    }),
  };
}

const statuses: readonly unknown[] = [
  "streaming",
  "done",
  "cancelled",
  "error",
] satisfies AnswerStatus[];

function isMessage(value: unknown): value is SavedMessage {
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
    Number.isSafeInteger(value["lastEventId"])
  );
}

function hasStrings(value: Readonly<Record<string, unknown>>, ...names: string[]): boolean {
  return names.every((name) => typeof value[name] === "string");
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
