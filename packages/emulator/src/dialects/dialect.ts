import type { Refusal } from "../http/refusal.ts";
import type { ChatMessage } from "./chat-messages.ts";

/** Names one of the two ways to speak with the emulator; each has a chat endpoint of its own. */
export type DialectName = "genesys" | "openai";

/** What an endpoint reads, and how it words refusals and the rate limit. */
export interface Dialect {
  readonly name: DialectName;
  /** The response header that names the exchange. */
  readonly contextIdHeader: string;
  /** Reads the parsed body of a chat; a text says what is wrong with it. */
  readChat(body: unknown): Chat | string;
  refusalBody(refusal: Refusal, contextId: string): object;
  readonly rateLimit: RateLimitWords;
}

export interface RateLimitWords {
  /** The headers of every answer to a chat; all names contain "ratelimit". */
  headers(usage: RateLimitUsage): Readonly<Record<string, string>>;
  /** The header that says when the window ends. */
  resetHeader(seconds: number): Readonly<Record<string, string>>;
  /** The message of a refusal that says how long to wait. */
  waitMessage(seconds: number): string;
}

export interface RateLimitUsage {
  /** The requests in this window so far. */
  readonly count: number;
  readonly allowed: number;
  /** When the window ends, from now on. */
  readonly resetSeconds: number;
}

/** An accepted request. */
export interface Chat {
  readonly messages: readonly ChatMessage[];
  /** What the answer is made of; `contextId` names the exchange. */
  pieces(this: void, contextId: string): AnswerPieces;
}

/** The pieces of one answer as they are on the wire, for the scenarios to put together. */
export interface AnswerPieces {
  readonly contentType: string;
  token(this: void, content: string, index: number): string;
  /** The regular end after `count` tokens. */
  end(count: number, reason?: "stop" | "length"): string;
  readonly error: string;
  /** What should be JSON and is not. */
  readonly malformed: string;
  /** What a reader has to skip: a blank line, a comment. */
  readonly filler: string;
}
