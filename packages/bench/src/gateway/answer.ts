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

/** Digits of the time of sending, in microseconds of this process. */
export const stampLength = 16;

export function stamp(nowMs = performance.now()): string {
  return String(Math.round(nowMs * 1e3)).padStart(stampLength, "0");
}

/** An answer longer than this repeats itself. */
const maxTokensOfBlock = 500;

export type RenderedAnswer = ReturnType<typeof renderAnswer>;

/** An answer as bytes of HTTP, rendered before the first request. */
export function renderAnswer({ tokens, tokensPerChunk }: Plan) {
  const head =
    "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n" +
    "Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n";
  const tokensOfBlock = Math.min(tokens || maxTokensOfBlock, maxTokensOfBlock);
  let block = "";
  for (let first = 0; first < tokensOfBlock; first += tokensPerChunk) {
    const count = Math.min(tokensPerChunk, tokensOfBlock - first);
    const lines = Array.from({ length: count }, (_, at) =>
      tokenLine(` wor${tokenMark}`, first + at),
    );
    block += httpChunk(lines.join(""));
  }
  const placeholder = "0".repeat(stampLength);
  const [beforeStamp = "", afterStamp = ""] = httpChunk(
    tokenLine(` w${tokenMark}${placeholder}`, 0),
  ).split(placeholder);
  return {
    head: Buffer.from(head),
    /** Tokens without a time of sending, in chunks of HTTP. */
    block: Buffer.from(block),
    tokensOfBlock,
    /** What stands before and after the time of sending, in a chunk of one token. */
    beforeStamp,
    afterStamp,
    end: Buffer.from(`${httpChunk('{"type":"stop"}\n')}0\r\n\r\n`),
  };
}

function tokenLine(content: string, index: number): string {
  return `${JSON.stringify({ type: "token", content, index })}\n`;
}

function httpChunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}
