import { createChunkMapping, failureChunks } from "@gatestream/ai-sdk/mapping";
import { isNotice, isTerminal, type KnownEvent } from "@gatestream/protocol";
import { type AdapterFormat, parseJson } from "@gatestream/relay/parts";
import { acceptable } from "./acceptable.ts";
import { done, framesOf, heartbeat, retry } from "../frames.ts";
import type { Unread } from "./unread.ts";

// A stream that ends in silence passes for a whole answer, and so does one in which something is missing.

/** Another relay goes on with the answer, where a page that resumes gets it. */
const reconnect = failureChunks("The relay is stopping; resume to get the answer.", {
  code: "relay_draining",
  retryable: true,
});
const gap = failureChunks("A part of the answer is no longer kept.", {
  code: "truncated",
  retryable: false,
});

export interface UiMessageOptions {
  /** The message that the answer continues. @defaultValue a new one, with the id of the stream */
  readonly messageId?: string | undefined;
  readonly unread: Unread;
}

/** The AI SDK's UI message stream, as version 5 and later read it. */
export function createUiMessageFormat({ messageId, unread }: UiMessageOptions): AdapterFormat {
  const mapping = createChunkMapping({ parseJson, messageId });
  let streamId = "";
  let isOver = false;

  function textOf(event: KnownEvent, id: number): string {
    if (event.type === "reconnect") return framesOf(reconnect);
    if (event.type === "gap") {
      isOver = true;
      unread.end(streamId);
      return framesOf(gap);
    }
    const chunks = mapping.chunksOf(event).map(acceptable);
    if (isNotice(event)) return framesOf(chunks);
    return framesOf(isTerminal(event) ? [...chunks, done] : chunks, id);
  }

  return {
    mediaType: "text/event-stream",
    heartbeat,
    headers: { "x-vercel-ai-ui-message-stream": "v1" },
    get isOver() {
      return isOver;
    },
    begin(start) {
      streamId = start.streamId;
      unread.begin(streamId);
      return `${retry}${framesOf(mapping.chunksOf(start), 0)}`;
    },
    encode(events, firstId) {
      let text = "";
      let id = firstId;
      for (const event of events) {
        text += textOf(event as KnownEvent, id);
        // What comes behind a hole is no answer.
        if (isOver) break;
        if (isNotice(event)) continue;
        id += 1;
        if (isTerminal(event)) unread.end(streamId);
      }
      return text;
    },
  };
}
