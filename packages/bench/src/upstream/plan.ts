/** How the emulated gateway answers each request. */
export interface Plan {
  /** Of each answer; one with 0 never ends. */
  readonly tokens: number;
  readonly tokensPerChunk: number;
  /**
   * Milliseconds between chunks, each of which then says when it was sent. 0 is as fast as the socket
   * takes them; `Infinity` is silence after the first chunk.
   */
  readonly everyMs: number;
}

/**
 * Stands in each token's text, and nowhere else in any answer: counting it counts tokens. In a paced
 * answer the time of sending follows.
 */
export const tokenMark = "~";

/** Digits of the time of sending, in microseconds. */
export const stampLength = 16;

export function stamp(microseconds: number): string {
  return String(microseconds).padStart(stampLength, "0");
}
