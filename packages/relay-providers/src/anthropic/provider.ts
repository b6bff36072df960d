import {
  createHttpProvider,
  type HttpProvider,
  type UpstreamSettings,
} from "@gatestream/relay/parts";
import { checkServer } from "../check/models.ts";
import { below, modelOf } from "../server.ts";
import { type AnthropicOptions, anthropicSettingTable } from "../settings.ts";
import { messagesBody } from "./body.ts";
import { createAnthropicTranslator } from "./translator.ts";

/** Messages, streamed (Anthropic API documentation, "Messages"). */
export function createAnthropicProvider(
  options: AnthropicOptions,
  settings: UpstreamSettings,
): HttpProvider {
  const {
    apiKey = "",
    baseUrl = anthropicSettingTable.baseUrl.default,
    models = {},
    maxTokens = anthropicSettingTable.maxTokens.default,
  } = options;
  const headers = {
    "anthropic-version": "2023-06-01",
    ...(apiKey !== "" && { "x-api-key": apiKey }),
  };
  const askUrl = below(baseUrl, "/v1/messages");
  const provider = createHttpProvider(
    {
      name: "anthropic",
      url: askUrl,
      // There is no other key to try when it is refused.
      authorization: () => "",
      headers,
      bodyOf: (request) => ({
        model: modelOf(models, request.configurationId),
        ...messagesBody(request, maxTokens),
        stream: true,
      }),
      learnsFrom: () => false,
      createTranslator: createAnthropicTranslator,
    },
    settings,
  );
  const server = {
    modelsUrl: below(baseUrl, "/v1/models"),
    askUrl,
    asked: "messages",
    headers,
    hasKey: apiKey !== "",
    models,
    prefix: "ANTHROPIC",
    baseUrlMust: anthropicSettingTable.baseUrl.must,
    settings,
  };
  return { ...provider, check: (signal) => checkServer(server, signal) };
}
