import type { StreamRequest } from "@gatestream/protocol";
import * as v from "valibot";
import { RelayError } from "../errors.ts";

export interface RequestLimits {
  readonly maxMessages: number;
  /** The longest `content` of one message, in UTF-16 code units. */
  readonly maxContentChars: number;
}

/** Reads the body of `POST {base}/stream`: PROTOCOL.md, "Starting a stream". */
export type ReadStreamRequest = (body: unknown) => StreamRequest;

/** What a refusal repeats of a request: enough to mend it, however much is wrong. */
const maxProblems = 10;
const maxFieldChars = 100;

const nonEmpty = v.pipe(v.string("must be a string"), v.nonEmpty("must not be empty"));

/** @throws RelayError `invalid_request`, naming every field that is wrong. */
export function createStreamRequestReader(limits: RequestLimits): ReadStreamRequest {
  const { maxMessages, maxContentChars } = limits;
  const message = v.object(
    {
      role: nonEmpty,
      content: v.pipe(
        v.string("must be a string"),
        v.maxLength(maxContentChars, `must not be longer than ${maxContentChars} characters`),
      ),
    },
    "must be an object with role and content",
  );
  const schema = v.object(
    {
      configurationId: nonEmpty,
      // Counted before each is looked at: a million wrong messages are one problem.
      messages: v.pipe(
        v.array(v.unknown(), "must be an array of messages"),
        v.minLength(1, "must hold at least one message"),
        v.maxLength(maxMessages, `must not hold more than ${maxMessages} messages`),
        v.array(message),
      ),
      onDisconnect: v.exactOptional(v.picklist(["abort", "detach"], 'must be "abort" or "detach"')),
    },
    "must be an object",
  );
  // Not a strict schema: that stops at the first unknown field.
  const unknownFields = (body: unknown): readonly string[] =>
    typeof body === "object" && body !== null
      ? Object.keys(body).filter((field) => !Object.hasOwn(schema.entries, field))
      : [];
  return (body) => {
    if (Array.isArray(body)) throw new RelayError("invalid_request", "the body must be an object.");
    const { success, output, issues = [] } = v.safeParse(schema, body);
    const unknown = unknownFields(body);
    if (success && unknown.length === 0) return output;
    const wrong = issues.slice(0, maxProblems).map((issue) => {
      const field = (v.getDotPath(issue) ?? "the body").slice(0, maxFieldChars);
      return issue.received === "undefined" ? `${field} is required` : `${field} ${issue.message}`;
    });
    const problems = [
      ...wrong,
      ...unknown
        .slice(0, maxProblems - wrong.length)
        .map((field) => `${field.slice(0, maxFieldChars)} is not a field of this request`),
    ];
    const others = issues.length + unknown.length - problems.length;
    if (others > 0) problems.push(`and ${others} more`);
    throw new RelayError("invalid_request", `${problems.join("; ")}.`);
  };
}
