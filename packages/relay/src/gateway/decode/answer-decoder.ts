import { createLineDecoder, type LineDecoderOptions, type PayloadDecoder } from "./lines.ts";
import { createSseDecoder } from "./sse.ts";

/** How Server-Sent Events begin, after a byte order mark and blank lines. */
const sseStart = /^\s*(?:data|event|error|id|retry)?:/;
/** Enough to hold the longest field name with its colon. */
const neededChars = "retry:".length;
/** Blank lines before the first line that are waited for. */
const maxStartBytes = 1024;

/**
 * The decoder for an answer of this media type. Some servers send Server-Sent Events under another
 * one, such as `text/plain`: there the first line decides.
 */
export function createAnswerDecoder(
  mediaType: string | undefined,
  options: LineDecoderOptions,
): PayloadDecoder {
  if (mediaType === "text/event-stream") return createSseDecoder(options);
  let decoder: PayloadDecoder | undefined;
  let start: Uint8Array = new Uint8Array();

  function choose(): PayloadDecoder {
    const isSse = sseStart.test(Buffer.from(start).toString("utf8"));
    return isSse ? createSseDecoder(options) : createLineDecoder(options);
  }

  return {
    push(chunk) {
      if (decoder !== undefined) return decoder.push(chunk);
      start = Buffer.concat([start, chunk]);
      const text = Buffer.from(start).toString("utf8").trimStart();
      const isClear = text.length >= neededChars || /^[[{:]/.test(text);
      if (!isClear && start.length < maxStartBytes) return [];
      decoder = choose();
      return decoder.push(start);
    },
    end() {
      if (decoder !== undefined) return decoder.end();
      const chosen = choose();
      return [...chosen.push(start), ...chosen.end()];
    },
  };
}
