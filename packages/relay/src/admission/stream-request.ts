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
  const schema = v.strictObject(
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
    (issue) =>
      issue.expected === "never" ? "is not a field of this request" : "must be an object",
  );
  return (body) => {
    if (Array.isArray(body)) throw new RelayError("invalid_request", "the body must be an object.");
    const result = v.safeParse(schema, body);
    if (result.success) return result.output;
    const problems = result.issues.slice(0, maxProblems).map((issue) => {
      const field = (v.getDotPath(issue) ?? "the body").slice(0, maxFieldChars);
      return issue.expected !== "never" && issue.received === "undefined"
        ? `${field} is required`
        : `${field} ${issue.message}`;
    });
    const others = result.issues.length - problems.length;
    if (others > 0) problems.push(`and ${others} more`);
    throw new RelayError("invalid_request", `${problems.join("; ")}.`);
  };
}
