import {
  type Adapter,
  type AdapterExchange,
  type AdapterRoute,
  RelayError,
  type WholeAnswer,
} from "@gatestream/relay/parts";
import type { StopEvent } from "@gatestream/protocol";
import {
  createCompletionFormat,
  errorObject,
  finishReasonOf,
  toolCallsIn,
  usageOf,
} from "./format.ts";
import { readCompletionRequest } from "./request.ts";

/**
 * Clients of OpenAI's chat completions: `new OpenAI({ baseURL: "https://relay.example.com/api/llm/v1" })`,
 * LangChain, `curl`. The model is the `configurationId`. Leaving the stream aborts the gateway's request.
 */
export function openaiAdapter(): Adapter {
  return {
    name: "openai",
    routesAt(path): readonly AdapterRoute[] {
      if (path === "/v1/chat/completions") return [{ method: "POST", run: complete }];
      return path === "/v1/models" ? [{ method: "GET", run: listModels }] : [];
    },
    refusal: (error) => ({
      status: error.status,
      body: { error: errorObject(error.code, error.message) },
      headers: {
        // Its client repeats a POST by itself.
        "x-should-retry": String(error.retryable),
        ...(error.retryAfterMs !== undefined && { "retry-after-ms": error.retryAfterMs }),
      },
    }),
  };
}

/** `POST {base}/v1/chat/completions` */
async function complete(exchange: AdapterExchange): Promise<void> {
  const { body, isStreamed, includesUsage } = readCompletionRequest(
    await exchange.readJson(),
    exchange.allowedOptions,
  );
  const { configurationId: model } = body;
  if (isStreamed) {
    return exchange.start(body, createCompletionFormat({ model: String(model), includesUsage }));
  }
  const answer = await exchange.collect(body);
  if (answer !== undefined)
    exchange.reply({ status: 200, body: completion(answer, String(model)) });
}

/** @throws RelayError where the answer broke off. */
function completion({ start, events }: WholeAnswer, model: string): object {
  const last = events.at(-1);
  if (last?.type === "error") {
    throw new RelayError("gateway_interrupted", String(last["message"]), { retryable: false });
  }
  if (last?.type !== "stop") {
    throw new RelayError("gateway_interrupted", "The answer broke off.", { retryable: false });
  }
  const { reason, usage } = last as StopEvent;
  const textOf = (type: string): string =>
    events
      .map((event) => (event.type === type && "content" in event ? String(event.content) : ""))
      .join("");
  const reasoning = textOf("reasoning");
  const calls = toolCallsIn(events);
  return {
    id: start.streamId,
    object: "chat.completion",
    created: Math.floor(Date.now() / 1_000),
    model,
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: textOf("token"),
          refusal: null,
          ...(reasoning !== "" && { reasoning_content: reasoning }),
          ...(calls.length > 0 && { tool_calls: calls }),
        },
        finish_reason: finishReasonOf(reason),
        logprobs: null,
      },
    ],
    ...(usage && { usage: usageOf(usage) }),
  };
}

/** `GET {base}/v1/models` */
async function listModels(exchange: AdapterExchange): Promise<void> {
  const data = (exchange.configurations ?? []).map((id) => {
    return { id, object: "model", created: 0, owned_by: "gatestream" };
  });
  exchange.reply({ status: 200, body: { object: "list", data } });
}
