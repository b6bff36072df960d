import { continuedMessageId, messagesOf } from "@gatestream/ai-sdk/mapping";
import {
  type Adapter,
  type AdapterExchange,
  type AdapterRoute,
  isObject,
  isRelayError,
  RelayError,
} from "@gatestream/relay/parts";
import { mayBeFound } from "../conversation-id.ts";
import { decoded } from "../path.ts";
import { createUiMessageFormat } from "./format.ts";
import { readUiMessages } from "./request.ts";
import { createUnread, type Unread } from "./unread.ts";

/**
 * The AI SDK's `useChat` with its `DefaultChatTransport`, of `ai` 5, 6 and 7:
 * `new DefaultChatTransport({ api: "/api/llm/ai-sdk/cfg-1" })`. An answer continues without the page;
 * with `resume: true` the page finds it again.
 */
export function aiSdk(): Adapter {
  const form =
    /^\/ai-sdk(?:\/(?<configurationId>[^/]+?))??(?:\/(?<chatId>[^/]+)\/(?<what>stream|stop))?$/;
  const unread = createUnread();

  return {
    name: "ai-sdk",
    routesAt(path): readonly AdapterRoute[] {
      const { configurationId, chatId, what } = form.exec(path)?.groups ?? {};
      if (!path.startsWith("/ai-sdk")) return [];
      if (chatId === undefined) {
        const inPath = decoded(configurationId);
        return [{ method: "POST", run: (exchange) => ask(exchange, inPath, unread) }];
      }
      const id = decoded(chatId) ?? "";
      return what === "stop"
        ? [{ method: "POST", run: (exchange) => stop(exchange, id) }]
        : [{ method: "GET", run: (exchange) => resume(exchange, id, unread) }];
    },
    refusal: (error, requestId) => ({
      status: error.status,
      // The SDK takes the whole text of a refusal as the message of its error.
      body: { code: error.code, message: error.message, requestId },
    }),
  };
}

/** `POST {base}/ai-sdk/{configurationId}` */
async function ask(
  exchange: AdapterExchange,
  inPath: string | undefined,
  unread: Unread,
): Promise<void> {
  const body = await exchange.readJson();
  if (!isObject(body)) throw new RelayError("invalid_request", "The body must be an object.");
  const { id, trigger, messageId, configurationId = inPath, metadata, options } = body;
  const messages = readUiMessages(body["messages"]);
  const isResumable = typeof id === "string" && mayBeFound(exchange.caller, id);
  await exchange.start(
    {
      configurationId,
      messages: messagesOf(messages),
      ...(isResumable && { conversationId: id, onDisconnect: "detach" }),
      ...(metadata !== undefined && { metadata }),
      ...(options !== undefined && { options }),
    },
    createUiMessageFormat({
      messageId: continuedMessageId({ trigger, messageId, messages }),
      unread,
    }),
  );
}

/** `GET {api}/{chatId}/stream`: the whole answer from its start, or 204. */
async function resume(exchange: AdapterExchange, chatId: string, unread: Unread): Promise<void> {
  const [newest] = mayBeFound(exchange.caller, chatId)
    ? ((await ifKept(exchange.listStreams(chatId))) ?? [])
    : [];
  // Also one that ended while the page was away; but no page gets an answer again that it has.
  const isWanted = newest !== undefined && (!newest.isClosed || unread.has(newest.streamId));
  const isThere =
    isWanted &&
    (await exchange.follow(
      { streamId: newest.streamId, after: 0 },
      createUiMessageFormat({ unread }),
    ));
  if (!isThere) exchange.reply();
}

/** `POST {api}/{chatId}/stop`: `stop()` of the SDK only stops reading. */
async function stop(exchange: AdapterExchange, chatId: string): Promise<void> {
  const streamId = mayBeFound(exchange.caller, chatId)
    ? await ifKept(exchange.findRunning(chatId))
    : undefined;
  if (streamId !== undefined) await exchange.cancel(streamId);
  exchange.reply();
}

/** Undefined where the relay keeps no streams, which is no failure of a page that looks for one. */
async function ifKept<Found>(found: Promise<Found>): Promise<Found | undefined> {
  try {
    return await found;
  } catch (error) {
    if (isRelayError(error) && error.code === "not_found") return undefined;
    throw error;
  }
}
