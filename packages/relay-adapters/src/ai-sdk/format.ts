import { createChunkMapping } from "@gatestream/ai-sdk/mapping";
import { isNotice, type KnownEvent } from "@gatestream/protocol";
import { type AdapterFormat, parseJson } from "@gatestream/relay/parts";
import { frame, framesOf, heartbeat, retry } from "../frames.ts";

/** A stream that ends in silence passes for a whole answer. */
const reconnectText = "The relay is stopping; ask for the answer again.";

const done = "data: [DONE]\n\n";

/**
 * The AI SDK's UI message stream, as version 5 and later read it. `messageId` is the message that the
 * answer continues.
 */
export function createUiMessageFormat(messageId?: string): AdapterFormat {
  const mapping = createChunkMapping({ parseJson, messageId });

  function textOf(event: KnownEvent, id: number): string {
    if (event.type === "reconnect") return frame({ type: "error", errorText: reconnectText });
    const chunks = mapping.chunksOf(event);
    return isNotice(event) ? chunks.map((chunk) => frame(chunk)).join("") : framesOf(chunks, id);
  }

  return {
    mediaType: "text/event-stream",
    heartbeat,
    headers: { "x-vercel-ai-ui-message-stream": "v1" },
    begin: (start) => `${retry}${framesOf(mapping.chunksOf(start), 0)}`,
    encode(events, firstId) {
      let text = "";
      let id = firstId;
      for (const event of events) {
        text += textOf(event as KnownEvent, id);
        if (isNotice(event)) continue;
        if (event.type === "stop" || event.type === "error") text += done;
        id += 1;
      }
      return text;
    },
  };
}
