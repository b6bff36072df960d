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

/** The longest line, in bytes. */
export const maxLineBytes = 1_048_576;

const lineFeed = 0x0a;
const byteOrderMark = "\uFEFF";

/**
 * Newline-delimited text, whatever the chunking. A line that is too long is a
 * `gateway_protocol_error`.
 *
 * A line feed is never part of a longer UTF-8 sequence, so a chunk is cut after its last one, as
 * bytes, and what is before it is decoded in one go. Every byte is looked at once, and only an
 * unfinished line is kept.
 */
export class LineDecoder implements PayloadDecoder {
  readonly #maxBytes: number;
  readonly #unfinished = new UnfinishedLine();
  #isFirstLine = true;
  #isTooLong = false;

  constructor(maxBytes = maxLineBytes) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Uint8Array): string[] {
    this.#refuseTooLong();
    const end = chunk.lastIndexOf(lineFeed);
    const lines = end === -1 ? [] : this.#linesOf(chunk.subarray(0, end));
    if (!this.#isTooLong && end + 1 < chunk.length) {
      this.#unfinished.append(chunk.subarray(end + 1));
      this.#isTooLong = this.#unfinished.byteLength > this.#maxBytes;
    }
    if (lines.length === 0) this.#refuseTooLong();
    return lines;
  }

  end(): string[] {
    this.#refuseTooLong();
    return this.#unfinished.byteLength > 0 ? this.#linesOf(new Uint8Array()) : [];
  }

  /** Finishes the unfinished line with `bytes`, and decodes both; a line too long ends the lines. */
  #linesOf(bytes: Uint8Array): string[] {
    const lines = utf8(this.#unfinished.finish(bytes)).split("\n");
    // The mark counts here as it does while the line is unfinished: the chunking must not matter.
    const tooLong = lines.findIndex((line) => isLongerThan(this.#maxBytes, line));
    if (this.#isFirstLine && lines[0]?.startsWith(byteOrderMark)) lines[0] = lines[0].slice(1);
    this.#isFirstLine = false;
    if (tooLong === -1) return lines;
    this.#isTooLong = true;
    return lines.slice(0, tooLong);
  }

  #refuseTooLong(): void {
    if (!this.#isTooLong) return;
    throw new RelayError(
      "gateway_protocol_error",
      `The gateway sent a line longer than ${this.#maxBytes} bytes.`,
    );
  }
}

export function utf8(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

/** A character is one to three bytes for each of its code units: most lines need no counting. */
function isLongerThan(maxBytes: number, line: string): boolean {
  return line.length * 3 > maxBytes && Buffer.byteLength(line) > maxBytes;
}

const smallestCapacity = 1024;
const noBytes = new Uint8Array();

/**
 * The bytes of a line whose end has not arrived, in one buffer that doubles when it is full: a line
 * that arrives byte by byte costs its length, where a list of chunks would cost an object for each of
 * them.
 */
export class UnfinishedLine {
  #buffer = noBytes;
  #byteLength = 0;

  get byteLength(): number {
    return this.#byteLength;
  }

  append(part: Uint8Array): void {
    const needed = this.#byteLength + part.length;
    if (needed > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(smallestCapacity, needed, this.#buffer.length * 2));
      larger.set(this.#buffer.subarray(0, this.#byteLength));
      this.#buffer = larger;
    }
    this.#buffer.set(part, this.#byteLength);
    this.#byteLength = needed;
  }

  /** The line with `rest` behind it, which finishes it. */
  finish(rest: Uint8Array): Uint8Array {
    if (this.#byteLength === 0) return rest;
    this.append(rest);
    const line = this.#buffer.subarray(0, this.#byteLength);
    this.#buffer = noBytes;
    this.#byteLength = 0;
    return line;
  }
}
