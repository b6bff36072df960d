import { eventStreamType, isNotice } from "@gatestream/protocol";
import type { OutputFormat } from "./format.ts";
import { sseFrame } from "./sse-frame.ts";

/** How long a native EventSource waits before it reconnects, in milliseconds. */
const retryMs = 2_000;

/** Server-Sent Events: PROTOCOL.md, "Events". */
export const sseFormat: OutputFormat = {
  mediaType: eventStreamType,
  heartbeat: ": heartbeat\n\n",
  begin: (start) =>
    `retry: ${retryMs}\n\n${sseFrame({ event: start.type, data: JSON.stringify(start) })}`,
  encode(events, firstId) {
    let text = "";
    let id = firstId;
    for (const event of events) {
      const data = JSON.stringify(event);
      if (isNotice(event)) {
        text += sseFrame({ event: event.type, data });
      } else {
        text += sseFrame({ id, data });
        id += 1;
      }
    }
    return text;
  },
};
