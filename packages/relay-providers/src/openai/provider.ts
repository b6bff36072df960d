import {
  createHttpProvider,
  type HttpProvider,
  type UpstreamSettings,
} from "@gatestream/relay/parts";
import type { OpenaiOptions } from "../settings.ts";
import { checkOpenai } from "./check.ts";
import { createOpenaiTranslator } from "./translator.ts";

/** Chat completions, streamed (OpenAI API reference, "Create chat completion"). */
export function createOpenaiProvider(
  options: OpenaiOptions,
  settings: UpstreamSettings,
): HttpProvider {
  const { baseUrl, apiKey, models = {}, includeUsage = true } = options;
  let asksForUsage = includeUsage;
  const authorization = apiKey ? `Bearer ${apiKey}` : "";
  const chatUrl = below(baseUrl, "/chat/completions");
  const provider = createHttpProvider(
    {
      name: "openai",
      url: chatUrl,
      // There is no other key to try when it is refused.
      authorization: () => authorization,
      bodyOf: ({ configurationId, messages }) => ({
        model: Object.hasOwn(models, configurationId) ? models[configurationId] : configurationId,
        messages,
        stream: true,
        ...(asksForUsage && { stream_options: { include_usage: true } }),
      }),
      learnsFrom({ status, text }) {
        const isOfUsage = (status === 400 || status === 422) && text.includes("stream_options");
        if (!asksForUsage || !isOfUsage) return false;
        asksForUsage = false;
        return true;
      },
      createTranslator: createOpenaiTranslator,
    },
    settings,
  );
  const modelsUrl = below(baseUrl, "/models");
  return {
    ...provider,
    check: (signal) => checkOpenai({ modelsUrl, chatUrl, authorization, models, settings }, signal),
  };
}

/** `path` below that of `baseUrl`; a query, such as Azure's `api-version`, stays one. */
function below(baseUrl: string, path: string): URL {
  const url = new URL(baseUrl);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}${path}`;
  return url;
}
