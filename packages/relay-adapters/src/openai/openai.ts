import type { Adapter, AdapterExchange, AdapterRoute } from "@gatestream/relay/parts";
import { chatRoutesAt } from "./chat/chat.ts";
import { refusal } from "./refusal.ts";
import { responseRoutesAt } from "./responses/responses.ts";

/**
 * Clients of OpenAI's chat completions and Responses: `new OpenAI({ baseURL:
 * "https://relay.example.com/api/llm/v1" })`, LangChain, `curl`. The model is the `configurationId`.
 * Leaving the stream aborts the gateway's request, unless it was started to continue.
 */
export function openaiAdapter(): Adapter {
  return {
    name: "openai",
    routesAt(path): readonly AdapterRoute[] {
      if (path === "/v1/models") return [{ method: "GET", run: listModels }];
      const routes = chatRoutesAt(path);
      return routes.length > 0 ? routes : responseRoutesAt(path);
    },
    refusal,
  };
}

/** `GET {base}/v1/models` */
async function listModels(exchange: AdapterExchange): Promise<void> {
  const data = (exchange.configurations ?? []).map((id) => {
    return { id, object: "model", created: 0, owned_by: "gatestream" };
  });
  exchange.reply({ status: 200, body: { object: "list", data } });
}
