import { type Provider, resolveSettings } from "@gatestream/relay/parts";
import { splitOptions, type UpstreamOptions } from "../server.ts";
import { type OpenaiResponsesOptions, openaiResponsesSettingTable } from "../settings.ts";
import { createOpenaiResponsesProvider } from "./provider.ts";

/** Where the server is, and what differs from the relay's settings for an upstream. */
export interface OpenaiResponsesProviderOptions extends OpenaiResponsesOptions, UpstreamOptions {}

/**
 * A server that speaks OpenAI's Responses, for `createRelay({ provider })`.
 *
 * @throws OptionsError listing everything that is wrong with `options`.
 */
export function openaiResponses(options: OpenaiResponsesProviderOptions): Provider {
  const { own, others } = splitOptions<OpenaiResponsesOptions, UpstreamOptions>(
    options,
    openaiResponsesSettingTable,
  );
  const settings = resolveSettings({ ...others, openaiResponses: own });
  return createOpenaiResponsesProvider(own, settings);
}
