import type { Setting } from "@gatestream/relay/parts";

// `@gatestream/relay-providers/settings`: the relay's options `openai`, `openaiResponses` and
// `anthropic`, and what must be right before the relay starts. The relay's build inlines it, so that `createRelay` reports all problems at once:
// it may import nothing but Node.

/** Where a server is, and what it is asked with. */
interface ServerOptions {
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
  /** Whether the `metadata` of requests is sent on. @defaultValue false */
  readonly sendMetadata?: boolean;
}

/** A server that speaks OpenAI's Responses. */
export interface OpenaiResponsesOptions extends ServerOptions {
  /**
   * Whether the server answers in the background, and keeps the answer: then another relay continues
   * a stream whose relay has died.
   *
   * @defaultValue false
   */
  readonly background?: boolean;
}

/** A server that speaks OpenAI's chat completions: vLLM, Ollama, LiteLLM and the like. */
export interface OpenaiOptions extends ServerOptions {
  /**
   * Whether `stream_options` asks for the usage. A server that refuses the field is asked without it
   * all the same, from its first refusal on.
   *
   * @defaultValue true
   */
  readonly includeUsage?: boolean;
}

/** A server that speaks Anthropic's Messages. */
export interface AnthropicOptions {
  /** Sent as `x-api-key`; needed unless `baseUrl` is another server's. */
  readonly apiKey?: string;
  /** Without the version. @defaultValue `https://api.anthropic.com` */
  readonly baseUrl?: string;
  /**
   * Which model answers for a `configurationId`. One that is not listed is a model's name itself.
   *
   * @defaultValue none
   */
  readonly models?: Readonly<Record<string, string>>;
  /** The longest answer in tokens, where a request does not say: the API wants to know. @defaultValue 8192 */
  readonly maxTokens?: number;
}

const noPairs: readonly string[] = [];

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

// A line break from a file would only be found by the first request.
const apiKey = {
  default: "",
  pattern: /^[!-~]*$/,
  must: "be of visible ASCII characters, without spaces",
  secret: true,
} as const;

const models = {
  default: noPairs,
  pattern: /^[^=]+=./,
  must: "be pairs of a configurationId and a model, such as cfg-1=llama3",
};

const serverTable = {
  baseUrl: {
    default: "",
    pattern: { test: isHttpUrl },
    must: "be an http or https URL up to the version, such as http://127.0.0.1:11434/v1",
  },
  apiKey,
  models,
  sendMetadata: { default: false },
} satisfies Readonly<Record<keyof ServerOptions, Setting>>;

/** The options of `openaiResponses`; `models` as pairs. */
export const openaiResponsesSettingTable = {
  ...serverTable,
  background: { default: false },
} satisfies Readonly<Record<keyof OpenaiResponsesOptions, Setting>>;

/** The options of `openai`; `models` as pairs. */
export const openaiSettingTable = {
  ...serverTable,
  includeUsage: { default: true },
} satisfies Readonly<Record<keyof OpenaiOptions, Setting>>;

/** The options of `anthropic`; `models` as pairs. */
export const anthropicSettingTable = {
  apiKey: { ...apiKey, pattern: /^[!-~]+$/, must: `be set, and ${apiKey.must}` },
  baseUrl: {
    default: "https://api.anthropic.com",
    pattern: { test: isHttpUrl },
    must: "be an http or https URL without the version, such as https://api.anthropic.com",
  },
  models,
  maxTokens: { default: 8_192, min: 1, max: 1_000_000 },
} satisfies Readonly<Record<keyof AnthropicOptions, Setting>>;
