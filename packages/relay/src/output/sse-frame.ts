import type { TokenEvent } from "@gatestream/protocol";

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

/**
 * The same for a token, of which there are thousands for each other event: its JSON, which has no
 * line breaks of its own, is put together from its three fields.
 */
export function sseTokenFrame(id: number, { content, index }: TokenEvent): string {
  return `data: {"type":"token","content":${JSON.stringify(content)},"index":${index}}\nid: ${id}\n\n`;
}

function singleLine(field: string, value: string): string {
  if (/[\r\n\0]/.test(value)) {
    throw new TypeError(`An SSE ${field} field must not hold CR, LF or NUL.`);
  }
  return value;
}
