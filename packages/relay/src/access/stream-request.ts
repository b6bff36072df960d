import type { StreamRequest } from "@gatestream/protocol";
import { RelayError } from "../errors.ts";

const maxMessages = 256;
/** The longest `content` of one message, in UTF-16 code units. */
const maxContentChars = 200_000;

/** What a refusal repeats of a request: enough to mend it, however much is wrong. */
const maxProblems = 10;
const maxFieldChars = 100;

/**
 * Reads the body of `POST {base}/stream`: PROTOCOL.md, "Starting a stream".
 *
 * @throws RelayError `invalid_request`, naming every field that is wrong.
 */
export function readStreamRequest(body: unknown): StreamRequest {
  const problems = [...problemsOf(body)];
  if (problems.length > 0) {
    const told = problems.slice(0, maxProblems);
    const others = problems.length - told.length;
    if (others > 0) told.push(`and ${others} more`);
    throw new RelayError("invalid_request", `${told.join("; ")}.`);
  }
  const { messages, ...request } = body as StreamRequest;
  // Without the fields that the relay does not know.
  return { ...request, messages: messages.map(({ role, content }) => ({ role, content })) };
}

const fields = ["configurationId", "messages", "onDisconnect"];

function* problemsOf(body: unknown): Iterable<string> {
  if (!isObject(body)) {
    yield body === undefined ? "the body is required" : "the body must be an object";
    return;
  }
  const { configurationId, messages, onDisconnect = "abort" } = body;
  yield* nameProblems("configurationId", configurationId);
  yield* messagesProblems(messages);
  if (onDisconnect !== "abort" && onDisconnect !== "detach") {
    yield 'onDisconnect must be "abort" or "detach"';
  }
  for (const field of Object.keys(body)) {
    if (!fields.includes(field)) {
      yield `${field.slice(0, maxFieldChars)} is not a field of this request`;
    }
  }
}

function* messagesProblems(messages: unknown): Iterable<string> {
  if (messages === undefined) yield "messages is required";
  else if (!Array.isArray(messages)) yield "messages must be an array of messages";
  else if (messages.length === 0) yield "messages must hold at least one message";
  else if (messages.length > maxMessages) {
    yield `messages must not hold more than ${maxMessages} messages`;
  } else {
    for (const [index, message] of messages.entries()) {
      if (!isObject(message)) {
        yield `messages.${index} must be an object with role and content`;
        continue;
      }
      const { role, content } = message;
      yield* nameProblems(`messages.${index}.role`, role);
      yield* textProblems(`messages.${index}.content`, content);
      if (typeof content === "string" && content.length > maxContentChars) {
        yield `messages.${index}.content must not be longer than ${maxContentChars} characters`;
      }
    }
  }
}

function* nameProblems(field: string, value: unknown): Iterable<string> {
  yield* textProblems(field, value);
  if (value === "") yield `${field} must not be empty`;
}

function* textProblems(field: string, value: unknown): Iterable<string> {
  if (value === undefined) yield `${field} is required`;
  else if (typeof value !== "string") yield `${field} must be a string`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
