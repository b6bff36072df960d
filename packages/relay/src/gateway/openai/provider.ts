import { createDispatcher, createHttpProvider, type UpstreamSettings } from "../http-provider.ts";
import type { Provider } from "../provider.ts";
import { checkOpenai } from "./check.ts";
import { createOpenaiTranslator } from "./translator.ts";

/** A server that speaks OpenAI's chat completions: vLLM, Ollama, LiteLLM and the like. */
export interface OpenaiOptions {
  /** Up to and including the version, such as `http://127.0.0.1:11434/v1`. */
  readonly baseUrl: string;
  /** Sent as a bearer token. @defaultValue none */
  readonly apiKey?: string;
  /**
   * Which model answers for a `configurationId`. One that is not listed is a model's name itself.
   *
   * @defaultValue none
   */
  readonly models?: Readonly<Record<string, string>>;
  /**
   * Whether `stream_options` asks for the usage. A server that refuses the field is asked without it
   * all the same, from its first refusal on.
   *
   * @defaultValue true
   */
  readonly includeUsage?: boolean;
}

/** Chat completions, streamed (OpenAI API reference, "Create chat completion"). */
export function createOpenaiProvider(options: OpenaiOptions, settings: UpstreamSettings): Provider {
  const { baseUrl, apiKey, models = {}, includeUsage = true } = options;
  let asksForUsage = includeUsage;
  const authorization = apiKey ? `Bearer ${apiKey}` : "";
  const chatUrl = below(baseUrl, "/chat/completions");
  const provider = createHttpProvider(
    {
      name: "openai",
      url: chatUrl,
      credentials: {
        get: async () => authorization,
        // There is no other key to try.
        reject: () => false,
      },
      bodyOf: ({ configurationId, messages }) => ({
        model: Object.hasOwn(models, configurationId) ? models[configurationId] : configurationId,
        messages,
        stream: true,
        ...(asksForUsage && { stream_options: { include_usage: true } }),
      }),
      changesRequest(refusal) {
        if (!asksForUsage || !refusal.includes("stream_options")) return false;
        asksForUsage = false;
        return true;
      },
      createTranslator: createOpenaiTranslator,
    },
    { dispatcher: createDispatcher(settings), settings },
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
