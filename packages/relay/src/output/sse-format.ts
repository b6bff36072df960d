import { eventStreamType, isNotice, type StreamEvent, type TokenEvent } from "@gatestream/protocol";
import type { OutputFormat } from "./format.ts";
import { sseFrame, sseTokenFrame } from "./sse-frame.ts";

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
export function encodeSse(events: readonly StreamEvent[], firstId: number): string {
  let text = "";
  let id = firstId;
  for (const event of events) {
    if (isNotice(event)) {
      if (event.type === "reconnect") text += `retry: ${event.retryMs}\n`;
      text += sseFrame({ event: event.type, data: JSON.stringify(event) });
      continue;
    }
    text += isToken(event)
      ? sseTokenFrame(id, event)
      : sseFrame({ id, data: JSON.stringify(event) });
    id += 1;
  }
  return text;
}

function isToken(event: StreamEvent): event is TokenEvent {
  // JSON has no word for other numbers.
  return event.type === "token" && Number.isFinite(event.index);
}
