import { type Provider, resolveSettings } from "@gatestream/relay/parts";
import { splitOptions, type UpstreamOptions } from "../server.ts";
import { type OpenaiOptions, openaiSettingTable } from "../settings.ts";
import { createOpenaiProvider } from "./provider.ts";

/** Where the server is, and what differs from the relay's settings for an upstream. */
export interface OpenaiProviderOptions extends OpenaiOptions, UpstreamOptions {}

/**
 * A server that speaks OpenAI's chat completions, for `createRelay({ provider })`.
 *
 * @throws OptionsError listing everything that is wrong with `options`.
 */
export function openai(options: OpenaiProviderOptions): Provider {
  const { own, others } = splitOptions<OpenaiOptions, UpstreamOptions>(options, openaiSettingTable);
  return createOpenaiProvider(own, resolveSettings({ ...others, openai: own }));
}
