import {
  type Adapter,
  type AdapterExchange,
  type AdapterRoute,
  isObject,
  RelayError,
} from "@gatestream/relay/parts";
import { decoded } from "../path.ts";
import { createAgUiFormat } from "./format.ts";
import { configurationIn, messagesOf, toolsOf } from "./request.ts";

/**
 * AG-UI: `new HttpAgent({ url: "https://relay.example.com/api/llm/ag-ui/cfg-1" })`, CopilotKit, TanStack AI. A run
 * whose client sends `X-Run-Id` continues without a reader, and is resumed after `Last-Event-ID`.
 */
export function agUi(): Adapter {
  const form = /^\/ag-ui(?:\/(?<configurationId>[^/]+))?$/;

  return {
    name: "ag-ui",
    routesAt(path): readonly AdapterRoute[] {
      const match = form.exec(path);
      if (match === null) return [];
      const inPath = match.groups?.["configurationId"];
      return [
        { method: "POST", run: (exchange) => runAgent(exchange, inPath) },
        { method: "GET", run: joinRun },
      ];
    },
    refusal: (error, requestId) => ({
      status: error.status,
      body: { code: error.code, message: error.message, requestId },
    }),
  };
}

/** `POST {base}/ag-ui/{configurationId}`; with `Last-Event-ID` the rest of a run that was begun. */
async function runAgent(exchange: AdapterExchange, inPath: string | undefined): Promise<void> {
  const input = await exchange.readJson();
  if (!isObject(input)) throw new RelayError("invalid_request", "The body must be an object.");
  const { threadId, runId, messages, tools, forwardedProps } = input;
  if (typeof threadId !== "string" || typeof runId !== "string") {
    throw new RelayError("invalid_request", "threadId and runId must be strings.");
  }
  const run = { threadId, runId };
  const given = exchange.headers["x-run-id"]?.toString();
  const cursor = exchange.headers["last-event-id"]?.toString();
  if (given !== undefined && cursor !== undefined) {
    return goOn(exchange, given, { ...run, after: readCursor(cursor) });
  }
  await exchange.start(
    {
      configurationId: configurationIn(forwardedProps) ?? decoded(inPath),
      messages: messagesOf(messages),
      metadata: { threadId: threadId.slice(0, 512) },
      ...(given !== undefined && { conversationId: given, onDisconnect: "detach" }),
      ...toolsOf(tools),
    },
    createAgUiFormat(run),
  );
}

/** `GET {base}/ag-ui/…?offset=-1&runId=`: a run from its start. */
async function joinRun(exchange: AdapterExchange): Promise<void> {
  const runId = exchange.query.get("runId") ?? "";
  const offset = Number(exchange.query.get("offset") ?? "-1");
  const after = Number.isSafeInteger(offset) && offset > 0 ? offset : undefined;
  await goOn(exchange, runId, { threadId: runId, runId, after });
}

async function goOn(
  exchange: AdapterExchange,
  runId: string,
  run: { readonly threadId: string; readonly runId: string; readonly after: number | undefined },
): Promise<void> {
  const [stream] = await exchange.listStreams(runId);
  // From its start: which block is open at the cursor, is in what came before.
  const isThere =
    stream !== undefined &&
    (await exchange.follow({ streamId: stream.streamId, after: 0 }, createAgUiFormat(run)));
  if (!isThere) {
    throw new RelayError("stream_not_found", "There is no such run, or not any more.");
  }
}

function readCursor(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new RelayError("invalid_request", "Last-Event-ID must be the id of an event.");
}
