import {
  isNotice,
  type CutFrame,
  type DoneFrame,
  type HeartbeatFrame,
  type RefusalFrame,
  type StartEvent,
  type StreamEvent,
} from "@gatestream/protocol";
import {
  describeError,
  isObject,
  type OutputFormat,
  type RelayError,
} from "@gatestream/relay/parts";

/** What a page sends: PROTOCOL.md, "WebSocket". The `body` of a `start` has not been validated yet. */
export interface PageFrame {
  readonly op: "start" | "follow" | "cancel" | "leave";
  readonly ref: string;
  /** Taken out when it is used: a conversation is large, and the frame is held while its answer runs. */
  body: unknown;
  readonly idempotencyKey: string | undefined;
  /** Of a `follow` always. */
  readonly streamId: string | undefined;
  readonly after: number;
}

/** What a page has sent that is no frame. */
export interface InvalidFrame {
  readonly problem: string;
  /** What it would have called the answer. */
  readonly ref: string | undefined;
}

const maxEventId = 999_999_999_999_999;

/** Reads what a page sends. */
export function readPageFrame(text: string): PageFrame | InvalidFrame {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message quotes what it has read.
  }
  if (!isObject(value)) return { problem: "A frame is a JSON object.", ref: undefined };
  const { op, ref, body, idempotencyKey, streamId, after = 0 } = value;
  const invalid = (problem: string): InvalidFrame => ({
    problem,
    ref: isRef(ref) ? ref : undefined,
  });
  if (op !== "start" && op !== "follow" && op !== "cancel" && op !== "leave") {
    return invalid('op must be "start", "follow", "cancel" or "leave".');
  }
  if (!isRef(ref)) return invalid("ref must be a string of 1 to 64 characters.");
  if (idempotencyKey !== undefined && typeof idempotencyKey !== "string") {
    return invalid("idempotencyKey must be a string.");
  }
  const isMissing = streamId === undefined && op === "follow";
  if (isMissing || (streamId !== undefined && !isStreamId(streamId))) {
    return invalid("streamId must be the id of a stream.");
  }
  if (typeof after !== "number" || !Number.isInteger(after) || after < 0 || after > maxEventId) {
    return invalid("after must be the id of an event.");
  }
  return { op, ref, body, idempotencyKey, streamId, after };
}

function isRef(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= 64;
}

function isStreamId(value: unknown): value is string {
  return typeof value === "string" && /^[\w-]{1,128}$/.test(value);
}

/** What the page gets when a frame starts no stream; without `ref` when the frame has none. */
export function refusalFrame(error: RelayError, requestId: string, ref?: string): string {
  const frame: RefusalFrame = {
    type: "error",
    status: error.status,
    ...describeError(error, requestId),
    ...(ref !== undefined && { ref }),
  };
  return JSON.stringify(frame);
}

/** Fields that say whose an event is. */
const addressFields: ReadonlySet<string> = new Set(["ref", "streamId", "id"]);
/** Types of frames that are no events. */
const frameTypes: ReadonlySet<string> = new Set(["cut", "done", "heartbeat"] satisfies (
  | CutFrame
  | DoneFrame
  | HeartbeatFrame
)["type"][]);

/**
 * Frames of one stream among others on a WebSocket. Events that came together are one array.
 *
 * @param ref What the page calls the stream.
 * @param requestId What the operator's log calls the request.
 */
export function createWebsocketFormat(ref: string, requestId: string): OutputFormat {
  let address = "";

  function frame(event: StreamEvent, id?: number): string {
    const fields = JSON.stringify(isNotice(event) ? event : withoutOurNames(event)).slice(0, -1);
    return id === undefined ? `${fields}${address}}` : `${fields}${address},"id":${id}}`;
  }

  return {
    mediaType: "application/json",
    // A socket has one of its own for all streams.
    heartbeat: "",
    begin({ streamId, ...start }: StartEvent) {
      address = `,"ref":${JSON.stringify(ref)},"streamId":${JSON.stringify(streamId)}`;
      return `${JSON.stringify({ ...start, requestId }).slice(0, -1)}${address}}`;
    },
    encode(events, firstId) {
      let id = firstId;
      const frames = events.map((event) => (isNotice(event) ? frame(event) : frame(event, id++)));
      return frames.length === 1 ? frames.join() : `[${frames.join()}]`;
    },
  };
}

/** Fields and types of the gateway that are called as ours are get `gateway.` in front. */
function withoutOurNames(event: StreamEvent): StreamEvent {
  const hasOurField = Object.keys(event).some((name) => addressFields.has(name));
  if (!hasOurField && !frameTypes.has(event.type)) return event;
  const renamed = Object.entries(event).map(([name, value]) => {
    if (name === "type" && frameTypes.has(event.type)) return [name, `gateway.${event.type}`];
    return [addressFields.has(name) ? `gateway.${name}` : name, value];
  });
  return Object.fromEntries(renamed) as StreamEvent;
}
