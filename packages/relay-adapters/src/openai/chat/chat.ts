import { type AdapterExchange, type AdapterRoute, RelayError } from "@gatestream/relay/parts";
import { mayBeFound } from "../../conversation-id.ts";
import { decoded } from "../../path.ts";
import { completionOf } from "./completion.ts";
import { createCompletionFormat } from "./format.ts";
import { readCompletionRequest } from "./request.ts";

const conversationForm = /^\/v1\/stream\/(?<conversationId>[^/]+)$/;

/** Chat completions, and those that were started with an `X-Conversation-Id`, as llama.cpp has it. */
export function chatRoutesAt(path: string): readonly AdapterRoute[] {
  if (path === "/v1/chat/completions") return [{ method: "POST", run: complete }];
  const { conversationId: inPath } = conversationForm.exec(path)?.groups ?? {};
  const conversationId = decoded(inPath);
  if (conversationId === undefined) return [];
  return [
    { method: "GET", run: (exchange) => followConversation(exchange, conversationId) },
    { method: "DELETE", run: (exchange) => cancelConversation(exchange, conversationId) },
  ];
}

/** `POST {base}/v1/chat/completions`; with `X-Conversation-Id` the answer continues without its reader. */
async function complete(exchange: AdapterExchange): Promise<void> {
  const { receivedAt: startedAt, headers, caller, allowedOptions } = exchange;
  const request = readCompletionRequest(await exchange.readJson(), allowedOptions);
  const { isStreamed, includesUsage } = request;
  const conversationId = headers["x-conversation-id"]?.toString();
  const isKept = conversationId !== undefined && mayBeFound(caller, conversationId);
  const kept = isKept ? { conversationId, onDisconnect: "detach" } : {};
  const body = { ...request.body, ...kept };
  const model = String(body.configurationId);
  if (isStreamed) {
    return exchange.start(body, createCompletionFormat({ model, startedAt, includesUsage }));
  }
  const answer = await exchange.collect(body);
  if (answer === undefined) return;
  exchange.reply({ status: 200, body: completionOf(answer, { model, startedAt }) });
}

/** `GET {base}/v1/stream/{conversationId}?from=N&include_usage=true`: what came after chunk `N` of the newest answer. */
async function followConversation(
  exchange: AdapterExchange,
  conversationId: string,
): Promise<void> {
  const after = chunkIn(exchange.query.get("from"));
  const [newest] = await exchange.listStreams(conversationId);
  if (newest === undefined) {
    throw new RelayError("stream_not_found", "The conversation has no answer, or not any more.");
  }
  const { streamId, configurationId: model = "", startedAt = 0 } = newest;
  const format = createCompletionFormat({
    model,
    startedAt,
    // What the first request said of it is not kept.
    includesUsage: exchange.query.get("include_usage") === "true",
    after: after === 0 ? undefined : after,
  });
  const isMore = await exchange.follow({ streamId, after, isFromStart: true }, format);
  if (!isMore) exchange.reply();
}

/** `DELETE {base}/v1/stream/{conversationId}`: ends the newest answer, where one runs. */
async function cancelConversation(
  exchange: AdapterExchange,
  conversationId: string,
): Promise<void> {
  const streamId = await exchange.findRunning(conversationId);
  if (streamId !== undefined) await exchange.cancel(streamId);
  exchange.reply();
}

function chunkIn(text: string | null): number {
  if (text === null) return 0;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new RelayError("invalid_request", "from must be the id of a chunk.");
}
