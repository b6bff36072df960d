import type { CancelFrame, FollowFrame, LeaveFrame, StartFrame } from "@gatestream/protocol";
import * as v from "valibot";

/** Its `body` may be taken out of it: a conversation is large, and a frame is held while its answer runs. */
export type UncheckedStartFrame = Omit<StartFrame, "body"> & { body: unknown };

/** A frame whose `body`, where it has one, has not been validated yet. */
export type UncheckedFrame = UncheckedStartFrame | FollowFrame | CancelFrame | LeaveFrame;

/** What a page has sent that is no frame. */
export interface InvalidFrame {
  readonly problem: string;
  /** What it would have called the answer. */
  readonly ref: string | undefined;
}

const ref = v.pipe(
  v.string("must be a string"),
  v.minLength(1, "must not be empty"),
  v.maxLength(64, "must not be longer than 64 characters"),
);
const streamId = v.pipe(
  v.string("must be a string"),
  v.regex(/^[\w-]{1,128}$/, "must be the id of a stream"),
);
const afterProblem = "must be the id of an event";
const after = v.pipe(
  v.number(afterProblem),
  v.integer(afterProblem),
  v.minValue(0, afterProblem),
  v.maxValue(999_999_999_999_999, afterProblem),
);

const frame = v.variant(
  "op",
  [
    v.object({
      op: v.literal("start"),
      ref,
      body: v.unknown(),
      idempotencyKey: v.exactOptional(v.string("must be a string")),
    }),
    v.object({ op: v.literal("follow"), ref, streamId, after: v.exactOptional(after) }),
    v.object({ op: v.literal("cancel"), ref, streamId: v.exactOptional(streamId) }),
    v.object({ op: v.literal("leave"), ref }),
  ],
  'must be "start", "follow", "cancel" or "leave"',
);

const noObject: InvalidFrame = { problem: "A frame is a JSON object.", ref: undefined };

const withRef = v.object({ ref });

/** Reads what a page sends: PROTOCOL.md, "WebSocket". */
export function readClientFrame(text: string): UncheckedFrame | InvalidFrame {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message quotes what it has read.
    return noObject;
  }
  const result = v.safeParse(frame, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const field = v.getDotPath(issue);
  if (field === null) return noObject;
  const addressed = v.safeParse(withRef, value);
  return {
    problem: `${field} ${issue.received === "undefined" ? "is required" : issue.message}.`,
    ref: addressed.success ? addressed.output.ref : undefined,
  };
}
