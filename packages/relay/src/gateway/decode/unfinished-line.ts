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
