import type { Dialect } from "./dialect.ts";
import { stampLength, tokenMark, type Plan } from "./plan.ts";

/** An answer as bytes of HTTP, rendered before the first request. */
export interface RenderedAnswer {
  readonly head: Buffer;
  /** Tokens without a time of sending, in chunks of HTTP. */
  readonly block: Buffer;
  readonly tokensOfBlock: number;
  /** What stands before and after the time of sending, in a chunk of one token. */
  readonly beforeStamp: string;
  readonly afterStamp: string;
  readonly end: Buffer;
}

/** An answer longer than this repeats itself. */
const mostTokensOfBlock = 500;

export function renderAnswer({ tokens, tokensPerChunk }: Plan, dialect: Dialect): RenderedAnswer {
  const head =
    `HTTP/1.1 200 OK\r\nContent-Type: ${dialect.contentType}\r\n` +
    "Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n";
  const tokensOfBlock = Math.min(tokens || mostTokensOfBlock, mostTokensOfBlock);
  let block = "";
  for (let first = 0; first < tokensOfBlock; first += tokensPerChunk) {
    const text = Array.from({ length: Math.min(tokensPerChunk, tokensOfBlock - first) }, (_, at) =>
      dialect.token(` wor${tokenMark}`, first + at),
    );
    block += httpChunk(text.join(""));
  }
  const placeholder = "0".repeat(stampLength);
  const stamped = httpChunk(dialect.token(` w${tokenMark}${placeholder}`, 0));
  const stampAt = stamped.indexOf(placeholder);
  return {
    head: Buffer.from(head),
    block: Buffer.from(block),
    tokensOfBlock,
    beforeStamp: stamped.slice(0, stampAt),
    afterStamp: stamped.slice(stampAt + stampLength),
    end: Buffer.from(`${httpChunk(dialect.end)}0\r\n\r\n`),
  };
}

function httpChunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}
