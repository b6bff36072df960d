import type { RelayOptions } from "./settings/options.ts";
import type { RelaySettings } from "./settings/settings.ts";
import { createGenesysProvider } from "./gateway/genesys/provider.ts";
import { createOpenaiProvider } from "./gateway/openai/provider.ts";
import type { Provider } from "./gateway/provider.ts";

/** The upstream that was asked for. */
export function createProvider(options: RelayOptions, settings: RelaySettings): Provider {
  if (options.provider !== undefined) return options.provider;
  if (options.openai !== undefined) return createOpenaiProvider(options.openai, settings);
  return createGenesysProvider(options.genesys, settings);
}
