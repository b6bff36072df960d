// `@gatestream/relay-providers/settings`: the relay's option `openai`, and what must be right before
// the relay starts. The relay's build inlines it, so that `createRelay` reports all problems at once:
// it may import nothing but Node.

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

export const openaiOptionNames = ["baseUrl", "apiKey", "models", "includeUsage"] as const;

/** Everything that is wrong with `options`, a sentence each; the key is not shown. */
export function* openaiProblems(
  { baseUrl, apiKey = "", models = {}, includeUsage = true }: OpenaiOptions,
  shown: (value: unknown) => string,
): Iterable<string> {
  if (typeof includeUsage !== "boolean") {
    yield `openai.includeUsage (OPENAI_INCLUDE_USAGE, ${shown(includeUsage)}) must be true or false.`;
  }
  if (!baseUrl) {
    yield "openai.baseUrl (OPENAI_BASE_URL) is missing: up to the version, such as http://127.0.0.1:11434/v1.";
  } else if (!URL.canParse(baseUrl) || !/^https?:$/.test(new URL(baseUrl).protocol)) {
    yield `openai.baseUrl (OPENAI_BASE_URL, ${shown(baseUrl)}) must be an http or https URL.`;
  }
  // A line break from a file would only be found by the first request.
  if (!/^[!-~]*$/.test(apiKey)) {
    yield "openai.apiKey (OPENAI_API_KEY) must be of visible ASCII characters, without spaces.";
  }
  for (const [configurationId, model] of Object.entries(models)) {
    if (configurationId && model) continue;
    yield `openai.models (OPENAI_MODELS, ${shown(configurationId)}) must be pairs of a configurationId and a model, such as cfg-1=llama3.`;
  }
}
