import type { StreamRequest } from "@gatestream/protocol";
import { RelayError } from "../errors.ts";

const maxMessages = 256;
/** The longest `content` of one message, in UTF-16 code units. */
const maxContentChars = 200_000;

/** What a refusal repeats of a request: enough to mend it, however much is wrong. */
const maxProblems = 10;
const maxFieldChars = 100;

const fields = ["configurationId", "messages", "onDisconnect"];

/**
 * Reads the body of `POST {base}/stream`: PROTOCOL.md, "Starting a stream".
 *
 * @throws RelayError `invalid_request`, naming every field that is wrong.
 */
export function readStreamRequest(body: unknown): StreamRequest {
  const problems: string[] = [];
  if (isObject(body)) {
    const { configurationId, messages, onDisconnect = "abort" } = body;
    const problem = nameProblem(configurationId);
    if (problem !== undefined) problems.push(`configurationId ${problem}`);
    addMessagesProblems(messages, problems);
    if (onDisconnect !== "abort" && onDisconnect !== "detach") {
      problems.push('onDisconnect must be "abort" or "detach"');
    }
    for (const field of Object.keys(body)) {
      if (fields.includes(field)) continue;
      problems.push(`${field.slice(0, maxFieldChars)} is not a field of this request`);
    }
  } else {
    problems.push(body === undefined ? "the body is required" : "the body must be an object");
  }
  if (problems.length > 0) {
    const told = problems.slice(0, maxProblems);
    const others = problems.length - told.length;
    if (others > 0) told.push(`and ${others} more`);
    throw new RelayError("invalid_request", `${told.join("; ")}.`);
  }
  const { configurationId, messages, onDisconnect } = body as StreamRequest;
  return {
    configurationId,
    // Without the fields that the relay does not know.
    messages: messages.map(({ role, content }) => ({ role, content })),
    ...(onDisconnect !== undefined && { onDisconnect }),
  };
}

function addMessagesProblems(messages: unknown, problems: string[]): void {
  if (messages === undefined) problems.push("messages is required");
  else if (!Array.isArray(messages)) problems.push("messages must be an array of messages");
  else if (messages.length === 0) problems.push("messages must hold at least one message");
  else if (messages.length > maxMessages) {
    problems.push(`messages must not hold more than ${maxMessages} messages`);
  } else {
    messages.forEach((message: unknown, index) => {
      if (!isObject(message)) {
        problems.push(`messages.${index} must be an object with role and content`);
        return;
      }
      const roleProblem = nameProblem(message["role"]);
      if (roleProblem !== undefined) problems.push(`messages.${index}.role ${roleProblem}`);
      const contentProblem = contentProblemOf(message["content"]);
      if (contentProblem !== undefined)
        problems.push(`messages.${index}.content ${contentProblem}`);
    });
  }
}

function nameProblem(value: unknown): string | undefined {
  return value === "" ? "must not be empty" : textProblem(value);
}

function contentProblemOf(value: unknown): string | undefined {
  return typeof value === "string" && value.length > maxContentChars
    ? `must not be longer than ${maxContentChars} characters`
    : textProblem(value);
}

function textProblem(value: unknown): string | undefined {
  if (value === undefined) return "is required";
  return typeof value === "string" ? undefined : "must be a string";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
