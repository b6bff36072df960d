import { continuedMessageId, messagesOf } from "@gatestream/ai-sdk/mapping";
import {
  type Adapter,
  type AdapterExchange,
  type AdapterRoute,
  isObject,
  RelayError,
} from "@gatestream/relay/parts";
import { decoded } from "../path.ts";
import { createUiMessageFormat } from "./format.ts";
import { readUiMessages } from "./request.ts";

/** As `conversationId` may be; an anonymous caller's must be too long to be guessed. */
const resumableId = /^[\w.:@/-]{1,200}$/;
const minAnonymousChars = 16;

/**
 * The AI SDK's `useChat` with its `DefaultChatTransport`, of `ai` 5, 6 and 7:
 * `new DefaultChatTransport({ api: "/api/llm/ai-sdk/cfg-1" })`. An answer continues without the page;
 * with `resume: true` the page finds it again.
 */
export function aiSdk(): Adapter {
  const form =
    /^\/ai-sdk(?:\/(?<configurationId>[^/]+?))??(?:\/(?<chatId>[^/]+)\/(?<what>stream|stop))?$/;

  return {
    name: "ai-sdk",
    routesAt(path): readonly AdapterRoute[] {
      const { configurationId, chatId, what } = form.exec(path)?.groups ?? {};
      if (!path.startsWith("/ai-sdk")) return [];
      if (chatId === undefined) {
        return [{ method: "POST", run: (exchange) => ask(exchange, decoded(configurationId)) }];
      }
      const id = decoded(chatId) ?? "";
      return what === "stop"
        ? [{ method: "POST", run: (exchange) => stop(exchange, id) }]
        : [{ method: "GET", run: (exchange) => resume(exchange, id) }];
    },
    refusal: (error, requestId) => ({
      status: error.status,
      // The SDK takes the whole text of a refusal as the message of its error.
      body: { code: error.code, message: error.message, requestId },
    }),
  };
}

/** `POST {base}/ai-sdk/{configurationId}` */
async function ask(exchange: AdapterExchange, inPath: string | undefined): Promise<void> {
  const body = await exchange.readJson();
  if (!isObject(body)) throw new RelayError("invalid_request", "The body must be an object.");
  const { id, trigger, messageId, configurationId = inPath, metadata, options } = body;
  const messages = readUiMessages(body["messages"]);
  const isResumable = typeof id === "string" && mayResume(exchange, id);
  await exchange.start(
    {
      configurationId,
      messages: messagesOf(messages),
      ...(isResumable && { conversationId: id, onDisconnect: "detach" }),
      ...(metadata !== undefined && { metadata }),
      ...(options !== undefined && { options }),
    },
    createUiMessageFormat(continuedMessageId({ trigger, messageId, messages })),
  );
}

function mayResume({ caller }: AdapterExchange, chatId: string): boolean {
  const isLongEnough = caller.isAnonymous !== true || chatId.length >= minAnonymousChars;
  return isLongEnough && resumableId.test(chatId);
}

/** `GET {api}/{chatId}/stream`: the whole answer from its start, or 204. */
async function resume(exchange: AdapterExchange, chatId: string): Promise<void> {
  const streamId = mayResume(exchange, chatId) ? await exchange.findRunning(chatId) : undefined;
  if (streamId === undefined) return exchange.reply();
  const isThere = await exchange.follow(streamId, 0, createUiMessageFormat());
  if (!isThere) exchange.reply();
}

/** `POST {api}/{chatId}/stop`: `stop()` of the SDK only stops reading. */
async function stop(exchange: AdapterExchange, chatId: string): Promise<void> {
  const streamId = mayResume(exchange, chatId) ? await exchange.findRunning(chatId) : undefined;
  if (streamId !== undefined) await exchange.cancel(streamId);
  exchange.reply();
}
