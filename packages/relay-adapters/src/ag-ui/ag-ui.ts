import {
  type Adapter,
  type AdapterExchange,
  type AdapterRoute,
  isObject,
  isTemporary,
  RelayError,
  toRelayError,
} from "@gatestream/relay/parts";
import { mayBeFound } from "../conversation-id.ts";
import { decoded } from "../path.ts";
import { type Cursor, readCursor } from "./cursor.ts";
import { createAgUiFormat, type Run } from "./format.ts";
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
  const knowsCancelled = input["protocolVersion"] !== undefined;
  const run = { threadId, runId, knowsCancelled };
  const given = exchange.headers["x-run-id"]?.toString();
  const after = cursorOf(exchange);
  if (given !== undefined && after !== undefined) {
    return resume(exchange, given, { ...run, after });
  }
  const isResumable = given !== undefined && mayBeFound(exchange.caller, given);
  await exchange.start(
    {
      configurationId: configurationIn(forwardedProps) ?? decoded(inPath),
      messages: messagesOf(messages),
      metadata: { threadId: threadId.slice(0, 512) },
      ...(isResumable && { conversationId: given, onDisconnect: "detach" }),
      ...toolsOf(tools),
    },
    createAgUiFormat(run),
  );
}

/** `GET {base}/ag-ui/…?offset=-1&runId=`: a run from its start; with `Last-Event-ID` its rest. */
async function joinRun(exchange: AdapterExchange): Promise<void> {
  const runId = exchange.query.get("runId") ?? "";
  const after = cursorOf(exchange);
  if (after !== undefined) return resume(exchange, runId, { runId, after });
  try {
    await follow(exchange, runId, { runId });
  } catch (failure) {
    // After a refusal its client does not ask for the run again.
    if (!isTemporary(toRelayError(failure))) throw failure;
    await exchange.failInStream(failure, createAgUiFormat({ runId, threadId: runId }));
  }
}

/** For its client any status but 200 would be the end of the run. */
async function resume(
  exchange: AdapterExchange,
  name: string,
  run: Partial<Run> & Pick<Run, "runId">,
): Promise<void> {
  try {
    await follow(exchange, name, run);
  } catch (failure) {
    await exchange.failInStream(failure, createAgUiFormat({ threadId: name, ...run }));
  }
}

/** @throws RelayError `stream_not_found` */
async function follow(
  exchange: AdapterExchange,
  name: string,
  run: Partial<Run> & Pick<Run, "runId">,
): Promise<void> {
  const [stream] = await exchange.listStreams(name);
  if (stream !== undefined) {
    const threadId = stream.metadata?.["threadId"] ?? name;
    const format = createAgUiFormat({ threadId, ...run });
    const { streamId } = stream;
    const after = run.after?.eventId ?? 0;
    // From its start: which message is open at the cursor, is in what came before.
    if (await exchange.follow({ streamId, after, isFromStart: true }, format)) return;
    // Its client has all of it, and did not see that it was the end.
    if (await exchange.follow({ streamId, after: 0 }, format)) return;
  }
  throw new RelayError("stream_not_found", "There is no such run, or not any more.");
}

function cursorOf({ headers }: AdapterExchange): Cursor | undefined {
  const text = headers["last-event-id"]?.toString();
  return text === undefined ? undefined : readCursor(text);
}
