import { RelayError } from "../errors.ts";

/** Cuts a byte stream into payloads. */
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
    if (unfinishedBytes > maxLineBytes) throw lineTooLong(maxLineBytes);
    unfinished.push(part);
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
        if (unfinishedBytes > 0) {
          keep(bytes.subarray(start, at));
          lines.push(takeLine());
        } else {
          if (at - start > maxLineBytes) throw lineTooLong(maxLineBytes);
          lines.push(withoutMark(bytes.toString("utf8", start, at)));
        }
        start = at + 1;
      }
      keep(bytes.subarray(start));
      return lines;
    },
    end() {
      return unfinishedBytes > 0 ? [takeLine()] : [];
    },
  };
}

function lineTooLong(maxLineBytes: number): RelayError {
  return new RelayError(
    "gateway_protocol_error",
    `The gateway sent a line longer than maxLineBytes (${maxLineBytes}).`,
  );
}
