import type { TokenEvent } from "@gatestream/protocol";

export interface SseFrame {
  readonly event?: string;
  readonly id?: number | string;
  readonly data: string;
}

/**
 * One Server-Sent Event (HTML standard, "Interpreting an event stream"). The only place that
 * writes the framing: a line break in `data` becomes lines, in `event` or `id` it would let the
 * content write fields of its own.
 *
 * @throws TypeError when `event` or `id` holds CR, LF or NUL.
 */
export function sseFrame({ event, id, data }: SseFrame): string {
  let head = "";
  if (event !== undefined) head += `event: ${singleLine("event", event)}\n`;
  if (id !== undefined) head += `id: ${typeof id === "number" ? id : singleLine("id", id)}\n`;
  const isOneLine = !data.includes("\n") && !data.includes("\r");
  const body = isOneLine ? data : data.split(/\r\n|\r|\n/).join("\ndata: ");
  return `${head}data: ${body}\n\n`;
}

/**
 * The same for a token, of which there are thousands for each other event: its JSON, which has no
 * line breaks of its own, is put together from its three fields.
 */
export function sseTokenFrame(id: number, { content, index }: TokenEvent): string {
  return `id: ${id}\ndata: {"type":"token","content":${JSON.stringify(content)},"index":${index}}\n\n`;
}

function singleLine(field: string, value: string): string {
  if (/[\r\n\0]/.test(value)) {
    throw new TypeError(`An SSE ${field} field must not hold CR, LF or NUL.`);
  }
  return value;
}
