import { type Provider, resolveSettings, type UpstreamSettings } from "@gatestream/relay/parts";
import type { OpenaiOptions } from "../settings.ts";
import { createOpenaiProvider } from "./provider.ts";

/** Where the server is, and what differs from the relay's settings for an upstream. */
export interface OpenaiProviderOptions extends OpenaiOptions, Partial<UpstreamSettings> {
  /** Whether the key may be sent over plain `http` to a host that is not loopback. @defaultValue false */
  readonly allowPlaintextCredentials?: boolean;
}

/**
 * A server that speaks OpenAI's chat completions, for `createRelay({ provider })`.
 *
 * @throws OptionsError listing everything that is wrong with `options`.
 */
export function openai(options: OpenaiProviderOptions): Provider {
  const {
    baseUrl,
    apiKey = "",
    models = {},
    includeUsage = true,
    sendMetadata = false,
    ...settings
  } = options;
  const upstream: OpenaiOptions = { baseUrl, apiKey, models, includeUsage, sendMetadata };
  return createOpenaiProvider(upstream, resolveSettings({ ...settings, openai: upstream }));
}
