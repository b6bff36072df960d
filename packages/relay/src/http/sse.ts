import {
  type StartEvent,
  type StreamEvent,
  type TokenEvent,
  type WrittenEvent,
  eventStreamType,
  isNotice,
} from "@gatestream/protocol";

/** How a stream is spelled for its reader. */
export interface OutputFormat {
  /** The `Content-Type` that it is sent as, and what `Accept` asks for. */
  readonly mediaType: string;
  /** A sign of life that means nothing. */
  readonly heartbeat: string;
  /** The very first text of a response. */
  begin(start: StartEvent): string;
  /** Events that came together; numbered ones count from `firstId`. */
  encode(events: readonly StreamEvent[], firstId: number): string;
}

/** How long a native EventSource waits before it reconnects, in milliseconds. */
const retryMs = 2_000;

/** Server-Sent Events: PROTOCOL.md, "Events". */
export const sseFormat: OutputFormat = {
  mediaType: eventStreamType,
  // Without an empty line behind it: some clients make an empty event of that.
  heartbeat: ": heartbeat\n",
  begin: (start) =>
    `retry: ${retryMs}\n${sseFrame({ event: start.type, data: JSON.stringify(start) })}`,
  encode: encodeSse,
};

/** Events that came together as Server-Sent Events; numbered ones count from `firstId`. */
export function encodeSse(events: readonly WrittenEvent[], firstId: number): string {
  let text = "";
  let id = firstId;
  for (const event of events) {
    if (isNotice(event)) {
      if (event.type === "reconnect") text += `retry: ${event.retryMs}\n`;
      text += sseFrame({ event: event.type, data: JSON.stringify(event) });
      continue;
    }
    // Without the frame's checks: JSON has no line breaks of its own.
    text += `data: ${jsonOf(event)}\nid: ${id}\n\n`;
    id += 1;
  }
  return text;
}

function jsonOf(event: WrittenEvent): string {
  if (typeof event === "string") return event;
  // A token from its three fields: there are thousands for each other event. A provider of the
  // host's own may have put other values into them, some of which JSON has no word for.
  return isToken(event) && Number.isFinite(event.index) && typeof event.content === "string"
    ? `{"type":"token","content":${JSON.stringify(event.content)},"index":${event.index}}`
    : JSON.stringify(event);
}

function isToken(event: StreamEvent): event is TokenEvent {
  return event.type === "token";
}

export interface SseFrame {
  readonly event?: string;
  readonly id?: number | string;
  readonly data: string;
}

/**
 * One Server-Sent Event (HTML standard, "Interpreting an event stream"). The only place that
 * writes the framing: a line break in `data` becomes lines, in `event` or `id` it would let the
 * content write fields of its own. `data` comes before `id`: some clients take an id over before the
 * event is complete, and would lose the event if the connection broke between the two.
 *
 * @throws TypeError when `event` or `id` holds CR, LF or NUL.
 */
export function sseFrame({ event, id, data }: SseFrame): string {
  const isOneLine = !data.includes("\n") && !data.includes("\r");
  const body = isOneLine ? data : data.split(/\r\n|\r|\n/).join("\ndata: ");
  let frame = event === undefined ? "" : `event: ${singleLine("event", event)}\n`;
  frame += `data: ${body}\n`;
  if (id !== undefined) frame += `id: ${typeof id === "number" ? id : singleLine("id", id)}\n`;
  return `${frame}\n`;
}

function singleLine(field: string, value: string): string {
  if (/[\r\n\0]/.test(value)) {
    throw new TypeError(`An SSE ${field} field must not hold CR, LF or NUL.`);
  }
  return value;
}
