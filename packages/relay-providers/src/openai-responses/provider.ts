import {
  createHttpProvider,
  type HttpProvider,
  type UpstreamSettings,
} from "@gatestream/relay/parts";
import { checkServer } from "../check/models.ts";
import { below, modelOf } from "../server.ts";
import { type OpenaiResponsesOptions, openaiResponsesSettingTable } from "../settings.ts";
import { responsesBody } from "./body.ts";
import { createResponsesTranslator } from "./translator.ts";

/** Responses, streamed (OpenAI API reference, "Create a model response"). */
export function createOpenaiResponsesProvider(
  options: OpenaiResponsesOptions,
  settings: UpstreamSettings,
): HttpProvider {
  const { baseUrl, apiKey, models = {}, sendMetadata = false, background = false } = options;
  const authorization = apiKey ? `Bearer ${apiKey}` : "";
  const askUrl = below(baseUrl, "/responses");
  const provider = createHttpProvider(
    {
      name: "openai-responses",
      url: askUrl,
      // There is no other key to try when it is refused.
      authorization: () => authorization,
      bodyOf: (request) => ({
        model: modelOf(models, request.configurationId),
        ...responsesBody(request),
        stream: true,
        // The server only keeps answers that another relay may continue.
        store: background,
        ...(background && { background }),
        ...(sendMetadata && { metadata: request.metadata }),
      }),
      learnsFrom: () => false,
      createTranslator: createResponsesTranslator,
      ...(background && {
        background: {
          again: (handle) => streamed(below(baseUrl, `/responses/${encodeURIComponent(handle)}`)),
          stop: (handle) => below(baseUrl, `/responses/${encodeURIComponent(handle)}/cancel`),
        },
      }),
    },
    settings,
  );
  const server = {
    modelsUrl: below(baseUrl, "/models"),
    askUrl,
    asked: "responses",
    headers: authorization === "" ? {} : { authorization },
    hasKey: authorization !== "",
    models,
    prefix: "OPENAI",
    baseUrlMust: openaiResponsesSettingTable.baseUrl.must,
    settings,
  };
  return { ...provider, check: (signal) => checkServer(server, signal) };
}

function streamed(url: URL): URL {
  url.searchParams.set("stream", "true");
  return url;
}
