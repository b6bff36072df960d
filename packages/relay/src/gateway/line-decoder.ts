import { RelayError } from "../errors.ts";

/**
 * Cuts a byte stream into payloads. What was complete before a failure is returned before it: the
 * failure is then thrown by the next call.
 */
export interface PayloadDecoder {
  /** The payloads that `chunk` completes, in order. */
  push(chunk: Uint8Array): string[];
  /** What is left when the stream has ended. */
  end(): string[];
}

export interface LineDecoderOptions {
  /** The longest line, in bytes. */
  readonly maxLineBytes: number;
}

const lineFeed = 0x0a;
const byteOrderMark = "\uFEFF";

/**
 * Newline-delimited text, whatever the chunking. A line feed is never part of a longer UTF-8
 * sequence, so lines are cut as bytes and each is decoded once and whole. Every byte is looked at
 * once, and only an unfinished line is kept.
 *
 * @throws RelayError `gateway_protocol_error` for a line longer than `maxLineBytes`.
 */
export function createLineDecoder({ maxLineBytes }: LineDecoderOptions): PayloadDecoder {
  let unfinished: Uint8Array[] = [];
  let unfinishedBytes = 0;
  let isFirstLine = true;

  function keep(part: Uint8Array): void {
    if (part.length === 0) return;
    unfinishedBytes += part.length;
    unfinished.push(part);
  }

  function refuseTooLong(): void {
    if (unfinishedBytes <= maxLineBytes) return;
    throw new RelayError(
      "gateway_protocol_error",
      `The gateway sent a line longer than maxLineBytes (${maxLineBytes}).`,
    );
  }

  function takeLine(): string {
    const line = Buffer.concat(unfinished, unfinishedBytes).toString("utf8");
    unfinished = [];
    unfinishedBytes = 0;
    return withoutMark(line);
  }

  function withoutMark(line: string): string {
    const isMarked = isFirstLine && line.startsWith(byteOrderMark);
    isFirstLine = false;
    return isMarked ? line.slice(1) : line;
  }

  return {
    push(chunk) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      const lines: string[] = [];
      let start = 0;
      for (let at = bytes.indexOf(lineFeed); at !== -1; at = bytes.indexOf(lineFeed, start)) {
        // Left unfinished: the lines before it come first, and no later call gets past it.
        if (unfinishedBytes + at - start > maxLineBytes) break;
        if (unfinishedBytes > 0) {
          keep(bytes.subarray(start, at));
          lines.push(takeLine());
        } else {
          lines.push(withoutMark(bytes.toString("utf8", start, at)));
        }
        start = at + 1;
      }
      keep(bytes.subarray(start));
      if (lines.length === 0) refuseTooLong();
      return lines;
    },
    end() {
      refuseTooLong();
      return unfinishedBytes > 0 ? [takeLine()] : [];
    },
  };
}
