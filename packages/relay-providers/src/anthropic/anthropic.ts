import { type Provider, resolveSettings } from "@gatestream/relay/parts";
import { splitOptions, type UpstreamOptions } from "../server.ts";
import { type AnthropicOptions, anthropicSettingTable } from "../settings.ts";
import { createAnthropicProvider } from "./provider.ts";

/** Which key and server, and what differs from the relay's settings for an upstream. */
export interface AnthropicProviderOptions extends AnthropicOptions, UpstreamOptions {}

/**
 * A server that speaks Anthropic's Messages, for `createRelay({ provider })`.
 *
 * @throws OptionsError listing everything that is wrong with `options`.
 */
export function anthropic(options: AnthropicProviderOptions): Provider {
  const { own, others } = splitOptions<AnthropicOptions, UpstreamOptions>(
    options,
    anthropicSettingTable,
  );
  return createAnthropicProvider(own, resolveSettings({ ...others, anthropic: own }));
}
