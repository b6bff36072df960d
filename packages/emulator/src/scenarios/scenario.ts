import type { AnswerPieces, DialectName, RateLimitWords } from "../dialects/dialect.ts";
import type { Refusal } from "../http/refusal.ts";

/** One way in which the gateway can answer. */
export interface Scenario {
  /** One line for the command's help and the documentation. */
  readonly summary: string;
  /** Answers one chat. The body is ended when it resolves; it rejects once the peer has left. */
  readonly play: (turn: Turn) => Promise<void>;
  /** The dialects that have the scenario. @defaultValue all */
  readonly dialects?: readonly DialectName[];
  /** Set when the scenario is about the token endpoint: no message can choose it, then. */
  readonly tokenEndpoint?: "down";
}

/** All that a scenario may do with one chat. */
export interface Turn {
  /** The answer that belongs to the question, in tokens. */
  readonly tokens: readonly string[];
  /** What follows `/scenario NAME` in the message. */
  readonly argument: string;
  /** The token or key that the request came with, as its header has it. */
  readonly credential: string;
  /** Whether the conversation ends with what a tool has found. */
  readonly hasToolResult: boolean;
  readonly slowFirstTokenMs: number;
  /** How many chats have played this scenario before, in the order in which they were read. */
  readonly playedBefore: number;
  /** What the answer is made of, in the dialect of the request. */
  readonly pieces: AnswerPieces;
  /** How the dialect speaks of waiting. */
  readonly rateLimit: RateLimitWords;
  /** Sends the headers of an answer: 200 and the dialect's content type by default. */
  begin(head?: AnswerHead): void;
  /** Writes a piece of the body as it is; `sentText` is the token text that it completes. */
  write(piece: string | Uint8Array, sentText?: string): Promise<void>;
  /** Resolves when the pace allows the next token. */
  nextTokenDue(): Promise<void>;
  /** Waits for one turn of the event loop, so that two pieces are not sent as one. */
  nextLoopTurn(): Promise<void>;
  wait(ms: number): Promise<void>;
  untilPeerLeaves(): Promise<never>;
  /** Destroys the connection after all that was written has left. */
  cut(): Promise<void>;
  /** Answers with an error status instead of an answer. */
  refuse(refusal: Refusal, options?: { readonly rateLimitHeaders?: boolean }): void;
}

export interface AnswerHead {
  readonly status?: number;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}
