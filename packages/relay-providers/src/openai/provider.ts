import {
  createHttpProvider,
  type HttpProvider,
  type UpstreamSettings,
} from "@gatestream/relay/parts";
import { type OpenaiOptions, openaiSettingTable } from "../settings.ts";
import { chatBody, type LimitName } from "./body.ts";
import { checkServer } from "../check/models.ts";
import { below, modelOf } from "../server.ts";
import { createOpenaiTranslator } from "./translator.ts";

/** How servers word that they do not know a field; others say of its value what is wrong. */
const unsupported = /unsupported|not supported|unrecogni|unknown|extra|unexpected|not permitted/i;

const otherLimitName: Readonly<Record<LimitName, LimitName>> = {
  max_completion_tokens: "max_tokens",
  max_tokens: "max_completion_tokens",
};

/** Chat completions, streamed (OpenAI API reference, "Create chat completion"). */
export function createOpenaiProvider(
  options: OpenaiOptions,
  settings: UpstreamSettings,
): HttpProvider {
  const { baseUrl, apiKey, models = {}, includeUsage = true, sendMetadata = false } = options;
  let asksForUsage = includeUsage;
  let limitName: LimitName = "max_completion_tokens";
  const authorization = apiKey ? `Bearer ${apiKey}` : "";
  const chatUrl = below(baseUrl, "/chat/completions");
  const provider = createHttpProvider(
    {
      name: "openai",
      url: chatUrl,
      // There is no other key to try when it is refused.
      authorization: () => authorization,
      bodyOf: (request) => ({
        model: modelOf(models, request.configurationId),
        ...chatBody(request, limitName),
        stream: true,
        ...(asksForUsage && { stream_options: { include_usage: true } }),
        ...(sendMetadata && { metadata: request.metadata }),
      }),
      learnsFrom({ status, text }) {
        if (status !== 400 && status !== 422) return false;
        const isOfUsage = asksForUsage && text.includes("stream_options");
        if (isOfUsage) asksForUsage = false;
        // A server may have models of both kinds, and name both in its refusal.
        const isOfLimit = text.includes(limitName) && unsupported.test(text);
        if (isOfLimit) limitName = otherLimitName[limitName];
        return isOfUsage || isOfLimit;
      },
      createTranslator: createOpenaiTranslator,
    },
    settings,
  );
  const server = {
    modelsUrl: below(baseUrl, "/models"),
    askUrl: chatUrl,
    asked: "chat completions",
    headers: authorization === "" ? {} : { authorization },
    hasKey: authorization !== "",
    models,
    prefix: "OPENAI",
    baseUrlMust: openaiSettingTable.baseUrl.must,
    settings,
  };
  return { ...provider, check: (signal) => checkServer(server, signal) };
}
