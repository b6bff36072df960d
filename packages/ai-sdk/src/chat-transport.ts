import {
  type Answer,
  type Client,
  conversationOf,
  isStreamError,
  type StreamOptions,
  type StreamRequest,
} from "@gatestream/client";
import { createAnswerStream } from "./answer-stream.ts";
import { continuedMessageId, messagesOf, type UiMessage } from "./mapping/messages.ts";
import type { UiMessageChunk } from "./mapping/ui-message-chunk.ts";
import { unreadOf } from "./unread.ts";

/** The relay, and what each request has unless its `body` says otherwise. */
export interface ChatTransportOptions<Events extends object = object> extends Pick<
  StreamRequest,
  "configurationId" | "metadata" | "options"
> {
  readonly client: Client<Events>;
}

/** What the AI SDK passes with each request. */
export interface ChatRequest {
  readonly chatId: string;
  readonly abortSignal?: AbortSignal | undefined;
  /** Fields of the relay's request: `configurationId`, `metadata`, `options`. */
  readonly body?: object | undefined;
}

export interface SendMessagesRequest extends ChatRequest {
  readonly trigger: "submit-message" | "regenerate-message";
  readonly messageId: string | undefined;
  readonly messages: readonly UiMessage[];
}

/** A `ChatTransport` of `ai` 5, 6 and 7. */
export interface GatestreamChatTransport {
  readonly resumeStreamIsReplay: true;
  sendMessages(request: SendMessagesRequest): Promise<ReadableStream<UiMessageChunk>>;
  reconnectToStream(request: ChatRequest): Promise<ReadableStream<UiMessageChunk> | null>;
}

/**
 * Makes the transport of `useChat` over a client of a gatestream relay. A chat's id is the
 * `conversationId` of its answers, which continue without the page; aborting a request, as `stop()` does,
 * cancels its answer at the relay. Streams fail with a `StreamError`.
 *
 * @example
 * ```ts
 * const client = createClient({ url: "/api/llm" });
 * const transport = createChatTransport({ client, configurationId: "cfg-1" });
 * const { messages, sendMessage, stop } = useChat({ id, transport, resume: true });
 * ```
 */
export function createChatTransport<Events extends object = object>({
  client: given,
  ...fields
}: ChatTransportOptions<Events>): GatestreamChatTransport {
  // Events are passed on as they come.
  const client = given as unknown as Client;
  /** The chats whose answers are looked for in this turn. */
  const resuming = new Set<string>();

  /** Looking for an answer again aborts the search before, and means no `stop()`. */
  function onAbortOfResumed(chatId: string, answer: Answer): void {
    queueMicrotask(() => (resuming.has(chatId) ? answer.detach() : answer.cancel()));
  }

  return {
    resumeStreamIsReplay: true,
    async sendMessages({ chatId, body, abortSignal: signal, ...asked }) {
      signal?.throwIfAborted();
      const request = {
        ...fields,
        ...body,
        conversationId: chatId,
        messages: messagesOf(asked.messages),
        onDisconnect: "detach",
      } as const;
      return createAnswerStream({
        chatId,
        open: (options) => client.stream(request, options),
        messageId: continuedMessageId(asked),
        signal,
        onAbort: (answer) => answer.cancel(),
      });
    },
    async reconnectToStream({ chatId, abortSignal: signal }) {
      resuming.add(chatId);
      queueMicrotask(() => resuming.delete(chatId));
      const streamId = await findUnread(client, chatId);
      if (streamId === undefined || signal?.aborted) return null;
      const start = { streamId, lastEventId: 0, text: "" };
      return createAnswerStream({
        chatId,
        open: (options: StreamOptions) => client.resume(start, options),
        signal,
        onAbort: (answer) => onAbortOfResumed(chatId, answer),
      });
    },
  };
}

/** The chat's newest answer that is running, or has ended while this tab was reloaded. */
async function findUnread(client: Client, chatId: string): Promise<string | undefined> {
  const unread = unreadOf(chatId);
  try {
    const streams = await conversationOf(client, chatId).streams();
    return streams.find(({ status, streamId }) => status === "running" || streamId === unread)
      ?.streamId;
  } catch (failure) {
    // A relay that keeps no answers has none that runs.
    if (isStreamError(failure) && failure.code === "not_found") return undefined;
    throw failure;
  }
}
