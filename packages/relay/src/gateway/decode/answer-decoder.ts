import { LineDecoder, utf8, type PayloadDecoder } from "./lines.ts";
import { SseDecoder } from "./sse.ts";

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
export function createAnswerDecoder(mediaType: string | undefined): PayloadDecoder {
  return mediaType === "text/event-stream" ? new SseDecoder() : new UndecidedDecoder();
}

class UndecidedDecoder implements PayloadDecoder {
  #start: Uint8Array | undefined;
  #decoder: PayloadDecoder | undefined;

  push(chunk: Uint8Array): string[] {
    if (this.#decoder !== undefined) return this.#decoder.push(chunk);
    const start = this.#start === undefined ? chunk : Buffer.concat([this.#start, chunk]);
    this.#start = start;
    const text = utf8(start.subarray(0, maxStartBytes)).trimStart();
    const isClear = text.length >= neededChars || /^[[{:]/.test(text);
    return isClear || start.length >= maxStartBytes ? this.#decide(start, text) : [];
  }

  end(): string[] {
    const start = this.#start;
    const payloads = start === undefined ? [] : this.#decide(start, utf8(start));
    return [...payloads, ...(this.#decoder?.end() ?? [])];
  }

  #decide(start: Uint8Array, text: string): string[] {
    this.#decoder = sseStart.test(text) ? new SseDecoder() : new LineDecoder();
    this.#start = undefined;
    return this.#decoder.push(start);
  }
}
