import type { GenesysOptions } from "../gateway/genesys/provider.ts";
import type { OpenaiOptions } from "./options.ts";
import { environmentName, settingNames } from "./setting-table.ts";

export const genesysVariables = {
  clientId: "GENESYS_CLIENT_ID",
  clientSecret: "GENESYS_CLIENT_SECRET",
  environment: "GENESYS_ENVIRONMENT",
  loginUrl: "GENESYS_LOGIN_URL",
  apiUrl: "GENESYS_API_URL",
  gatewayPath: "GENESYS_GATEWAY_PATH",
  scope: "GENESYS_SCOPE",
} as const satisfies Record<keyof GenesysOptions, string>;

export const openaiVariables = {
  baseUrl: "OPENAI_BASE_URL",
  apiKey: "OPENAI_API_KEY",
  models: "OPENAI_MODELS",
  includeUsage: "OPENAI_INCLUDE_USAGE",
} as const satisfies Record<keyof OpenaiOptions, string>;

export const providerVariable = "GATESTREAM_PROVIDER";

/** Which configuration `gatestream ask` and the demo pages use; the relay takes what callers name. */
export const configurationVariable = "GATESTREAM_CONFIGURATION_ID";

/** Every environment variable that has a meaning here. */
export const knownVariables: ReadonlySet<string> = new Set([
  ...settingNames.map(environmentName),
  providerVariable,
  configurationVariable,
  ...Object.values(genesysVariables),
  ...Object.values(openaiVariables),
]);
