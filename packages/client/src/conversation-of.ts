import { conversationsPath, type StopReason } from "@gatestream/protocol";
import type { Answer } from "./answer/answer.ts";
import type { StreamOptions } from "./answer/stream-options.ts";
import type { Client } from "./create-client.ts";
import { readJson } from "./transport/fetch/refusal.ts";
import type { Transport } from "./transport/transport.ts";

/** A stream of a conversation that the relay keeps. */
export interface ConversationStream {
  readonly streamId: string;
  readonly status: "running" | "ended";
  /** Why it ended. */
  readonly reason?: StopReason;
  /** In milliseconds since 1970. */
  readonly startedAt: number;
  /** The id of its last event so far; 0 for none. */
  readonly lastId: number;
}

/** The answers of one conversation, whichever page or device has asked for them. */
export interface Conversation<Events extends object = object> {
  /**
   * Those that the relay keeps, the newest first: resumable ones that were started with this
   * `conversationId`.
   *
   * @throws StreamError when the relay refuses, or cannot be reached.
   */
  streams(): Promise<readonly ConversationStream[]>;
  /** The newest running answer, from its first event; undefined when none is running. */
  follow(options?: StreamOptions<Events>): Promise<Answer<Events> | undefined>;
  /** Cancels the newest running answer, for all its readers. False when none is running. */
  cancel(): Promise<boolean>;
}

/**
 * Finds the answers of a conversation by its id: the caller's own.
 *
 * @example
 * ```ts
 * const conversation = conversationOf(client, "case:4711");
 * const answer = await conversation.follow({ onToken: (_, snapshot) => render(snapshot) });
 * ```
 */
export function conversationOf<Events extends object = object>(
  client: Client<Events>,
  conversationId: string,
): Conversation<Events> {
  const { transport } = client;
  return {
    streams: () => findStreams(transport, conversationId),
    async follow(options) {
      const streamId = await findRunning(transport, conversationId);
      if (streamId === undefined) return undefined;
      return client.resume({ streamId, lastEventId: 0, text: "" }, options);
    },
    async cancel() {
      const streamId = await findRunning(transport, conversationId);
      if (streamId !== undefined) await transport.cancel(streamId);
      return streamId !== undefined;
    },
  };
}

async function findStreams(
  transport: Transport,
  conversationId: string,
): Promise<readonly ConversationStream[]> {
  const path = `${conversationsPath}/${encodeURIComponent(conversationId)}/streams`;
  const response = await transport.request?.(path, { headers: { Accept: "application/json" } });
  if (response === undefined) return [];
  const { streams } = (await readJson(response)) as { streams: readonly ConversationStream[] };
  return streams;
}

/** The id of the newest running stream; undefined where there is none, or the transport cannot ask. */
export async function findRunning(
  transport: Transport,
  conversationId: string,
): Promise<string | undefined> {
  const streams = await findStreams(transport, conversationId);
  return streams.find(({ status }) => status === "running")?.streamId;
}
