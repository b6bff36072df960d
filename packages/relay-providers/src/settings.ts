import type { Setting } from "@gatestream/relay/parts";

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
  /** Whether the `metadata` of requests is sent on. @defaultValue false */
  readonly sendMetadata?: boolean;
}

const noPairs: readonly string[] = [];

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** The options of `openai`; `models` as pairs. */
export const openaiSettingTable = {
  baseUrl: {
    default: "",
    pattern: { test: isHttpUrl },
    must: "be an http or https URL up to the version, such as http://127.0.0.1:11434/v1",
  },
  // A line break from a file would only be found by the first request.
  apiKey: {
    default: "",
    pattern: /^[!-~]*$/,
    must: "be of visible ASCII characters, without spaces",
    secret: true,
  },
  models: {
    default: noPairs,
    pattern: /^[^=]+=./,
    must: "be pairs of a configurationId and a model, such as cfg-1=llama3",
  },
  includeUsage: { default: true },
  sendMetadata: { default: false },
} satisfies Readonly<Record<keyof OpenaiOptions, Setting>>;
