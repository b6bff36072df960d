import { RelayError } from "../../errors.ts";

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
 * sequence, so a chunk is cut after its last one, as bytes, and what is before it is decoded in one
 * go. Every byte is looked at once, and only an unfinished line is kept.
 *
 * @throws RelayError `gateway_protocol_error` for a line longer than `maxLineBytes`.
 */
export function createLineDecoder({ maxLineBytes }: LineDecoderOptions): PayloadDecoder {
  const unfinished = createUnfinishedLine();
  let isFirstLine = true;
  let isTooLong = false;

  /** Finishes the unfinished line with `bytes`, and decodes both; a line too long ends the lines. */
  function linesOf(bytes: Uint8Array): string[] {
    const text = utf8(unfinished.finish(bytes));
    const lines = text.split("\n");
    // The mark counts here as it does while the line is unfinished: the chunking must not matter.
    const tooLong = lines.findIndex((line) => isLongerThan(maxLineBytes, line));
    if (isFirstLine && lines[0]?.startsWith(byteOrderMark)) lines[0] = lines[0].slice(1);
    isFirstLine = false;
    if (tooLong === -1) return lines;
    isTooLong = true;
    return lines.slice(0, tooLong);
  }

  function refuseTooLong(): void {
    if (!isTooLong) return;
    throw new RelayError(
      "gateway_protocol_error",
      `The gateway sent a line longer than maxLineBytes (${maxLineBytes}).`,
    );
  }

  return {
    push(chunk) {
      refuseTooLong();
      const end = chunk.lastIndexOf(lineFeed);
      const lines = end === -1 ? [] : linesOf(chunk.subarray(0, end));
      if (!isTooLong) {
        unfinished.append(chunk.subarray(end + 1));
        isTooLong = unfinished.byteLength > maxLineBytes;
      }
      if (lines.length === 0) refuseTooLong();
      return lines;
    },
    end() {
      refuseTooLong();
      return unfinished.byteLength > 0 ? linesOf(new Uint8Array()) : [];
    },
  };
}

export function utf8(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

/** A character is one to three bytes for each of its code units: most lines need no counting. */
function isLongerThan(maxBytes: number, line: string): boolean {
  return line.length * 3 > maxBytes && Buffer.byteLength(line) > maxBytes;
}

/** The bytes of a line whose end has not arrived. */
export interface UnfinishedLine {
  readonly byteLength: number;
  append(part: Uint8Array): void;
  /** The line with `rest` behind it, which finishes it. */
  finish(rest: Uint8Array): Uint8Array;
}

const smallestCapacity = 1024;

/**
 * One buffer that doubles when it is full: a line that arrives byte by byte costs its length, where
 * a list of chunks would cost an object for each of them.
 */
export function createUnfinishedLine(): UnfinishedLine {
  let buffer = new Uint8Array();
  let byteLength = 0;

  function append(part: Uint8Array): void {
    const needed = byteLength + part.length;
    if (needed > buffer.length) {
      const larger = new Uint8Array(Math.max(smallestCapacity, needed, buffer.length * 2));
      larger.set(buffer.subarray(0, byteLength));
      buffer = larger;
    }
    buffer.set(part, byteLength);
    byteLength = needed;
  }

  return {
    get byteLength() {
      return byteLength;
    },
    append,
    finish(rest) {
      if (byteLength === 0) return rest;
      append(rest);
      const line = buffer.subarray(0, byteLength);
      buffer = new Uint8Array();
      byteLength = 0;
      return line;
    },
  };
}
