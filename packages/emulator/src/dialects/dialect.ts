import type { IncomingHttpHeaders } from "node:http";

import type { Refusal } from "../http/refusal.ts";
import type { ChatMessage } from "./chat-messages.ts";

/** Names one of the ways to speak with the emulator; each has a chat endpoint of its own. */
export type DialectName = "genesys" | "openai" | "openai-responses" | "anthropic";

/** What an endpoint reads, and how it words refusals and the rate limit. */
export interface Dialect {
  readonly name: DialectName;
  /** The response header that names the exchange. */
  readonly contextIdHeader: string;
  /** The request header that has the token or key. */
  readonly credentialHeader: "authorization" | "x-api-key";
  /** Reads the parsed body of a chat; a text says what is wrong with it. */
  readChat(body: unknown, headers: IncomingHttpHeaders): Chat | string;
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
  /** The id of an answer in the background. @defaultValue the answer ends with its request */
  backgroundId?(this: void, contextId: string): string;
  /** What the answer is made of; `contextId` names the exchange. */
  pieces(this: void, contextId: string): AnswerPieces;
}

export type EndReason = "stop" | "length" | "tool_calls";

/** A call of a tool; `argumentPieces` are its JSON text. */
export interface ToolCall {
  readonly callId: string;
  readonly name: string;
  readonly argumentPieces: readonly string[];
}

/**
 * The pieces of one answer as they are on the wire, for the scenarios to put together: each is sent in
 * the order in which it was asked for.
 */
export interface AnswerPieces {
  readonly contentType: string;
  token(this: void, content: string, index: number): string;
  reasoning(content: string): string;
  /** In several pieces. */
  toolCall(call: ToolCall): readonly string[];
  source(source: { readonly url: string; readonly title: string }): string;
  /** An image; undefined where the dialect has none in its answers. */
  file?(file: { readonly mediaType: string; readonly data: string }): string;
  /** The regular end after `count` tokens; the usage is there in any case where the dialect always has it. */
  end(count: number, options?: EndOptions): string;
  error(): string;
  /** What should be JSON and is not. */
  readonly malformed: string;
  /** What a reader has to skip: a blank line, a comment. */
  readonly filler: string;
}

export interface EndOptions {
  /** @defaultValue `"stop"` */
  readonly reason?: EndReason;
  /** @defaultValue false */
  readonly withUsage?: boolean;
}
