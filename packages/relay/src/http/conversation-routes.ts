import { conversationsPath, requestIdHeader } from "@gatestream/protocol";
import { RelayError } from "../errors.ts";
import { type ConversationRequest, cancelRunning, findRunning, listStreams } from "../flow.ts";
import type { FoundStream } from "../log/event-log.ts";
import type { RelayContext } from "../stream/answer-request.ts";
import { afterIn, followStream, readCursor } from "./follow-stream.ts";
import { replyWithJson, replyWithNothing } from "./reply.ts";
import type { ReaderParts } from "./response-reader.ts";
import type { AdmittedExchange, RoutesAt } from "./router.ts";

/** Routes for callers: PROTOCOL.md, "Finding an answer by its conversation". */
export function conversationRoutes(relay: RelayContext & ReaderParts): RoutesAt {
  // Some proxies decode the slashes of an id.
  const form = new RegExp(`^${conversationsPath}/(?<encodedId>.+)/stream(?<list>s)?$`);

  async function list(request: ConversationRequest, exchange: AdmittedExchange): Promise<void> {
    const streams = (await listStreams(relay, request)).map(listed);
    const headers = { [requestIdHeader]: exchange.requestId };
    replyWithJson(exchange.response, 200, { streams }, headers);
  }

  async function followNewest(
    request: ConversationRequest,
    exchange: AdmittedExchange,
  ): Promise<void> {
    // Not `Last-Event-ID`: a native EventSource may have it of another stream.
    const after = readCursor(afterIn(exchange.query));
    const streamId = await findRunning(relay, request);
    if (streamId !== undefined) return followStream(relay, { streamId, after }, exchange);
    replyWithNothing(exchange.response, exchange.requestId);
  }

  async function cancelNewest(
    request: ConversationRequest,
    exchange: AdmittedExchange,
  ): Promise<void> {
    await cancelRunning(relay, request);
    replyWithNothing(exchange.response, exchange.requestId);
  }

  return (path) => {
    const { encodedId, list: isList } = form.exec(path)?.groups ?? {};
    if (encodedId === undefined) return [];
    const route = (method: string, run: typeof list) => ({
      method,
      run: async (exchange: AdmittedExchange) =>
        run({ conversationId: decodeId(encodedId), caller: exchange.caller }, exchange),
    });
    if (isList !== undefined) return [route("GET", list)];
    return [route("GET", followNewest), route("DELETE", cancelNewest)];
  };
}

/** As callers see it. */
function listed({ streamId, isClosed, reason, startedAt, lastId }: FoundStream) {
  return { streamId, status: isClosed ? "ended" : "running", reason, startedAt, lastId };
}

function decodeId(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw new RelayError(
      "invalid_request",
      "The id of a conversation stands in the path percent-encoded, in UTF-8.",
    );
  }
}
