import type { GenesysOptions } from "../gateway/genesys/provider.ts";
import type { OpenaiOptions } from "../gateway/openai/provider.ts";
import type { RelayOptions } from "./options.ts";
import { settingFromText } from "./setting-rows.ts";
import { environmentName, settingNames, settingTable } from "./setting-table.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const genesysVariables = {
  clientId: "GENESYS_CLIENT_ID",
  clientSecret: "GENESYS_CLIENT_SECRET",
  environment: "GENESYS_ENVIRONMENT",
  loginUrl: "GENESYS_LOGIN_URL",
  apiUrl: "GENESYS_API_URL",
  gatewayPath: "GENESYS_GATEWAY_PATH",
  scope: "GENESYS_SCOPE",
} as const satisfies Record<keyof GenesysOptions, string>;

const openaiVariables = {
  baseUrl: "OPENAI_BASE_URL",
  apiKey: "OPENAI_API_KEY",
  models: "OPENAI_MODELS",
} as const satisfies Record<keyof OpenaiOptions, string>;

const providerVariable = "GATESTREAM_PROVIDER";

/**
 * The options that environment variables give: `PORT`, `HOST`, `GATESTREAM_*`, and for the upstream
 * `GENESYS_*`, or `OPENAI_*` when `GATESTREAM_PROVIDER` is `openai`. An empty variable counts as
 * unset. Nothing is checked here: `createRelay` tells everything that is wrong at once,
 * `GATESTREAM_*` variables that are no option included.
 */
export function relayOptionsFromEnvironment(environment: Environment): RelayOptions {
  const known = new Map(settingNames.map((name) => [environmentName(name), name]));
  // Passed on under their own names, so that they are refused together with whatever else is wrong.
  const strangers = Object.keys(environment)
    .filter((variable) => variable.startsWith("GATESTREAM_"))
    .filter((variable) => !known.has(variable) && variable !== providerVariable)
    .map((variable) => [variable, environment[variable]]);
  const settings = [...known].flatMap(([variable, name]) => {
    const text = environment[variable];
    return text ? [[name, settingFromText(settingTable[name], text)]] : [];
  });
  // The shapes are the tables'; whether the values fit is checked by createRelay.
  return {
    ...Object.fromEntries([...strangers, ...settings]),
    ...upstreamFrom(environment),
  } as RelayOptions;
}

function upstreamFrom(environment: Environment): object {
  const provider = environment[providerVariable] || "genesys";
  if (provider === "genesys") return { genesys: optionsFrom(environment, genesysVariables) };
  if (provider !== "openai") return { provider };
  const { models, ...openai } = optionsFrom(environment, openaiVariables);
  return { openai: { ...openai, ...(models && { models: pairs(models) }) } };
}

function optionsFrom<Name extends string>(
  environment: Environment,
  variables: Readonly<Record<Name, string>>,
): Partial<Record<Name, string>> {
  const options: Partial<Record<Name, string>> = {};
  for (const name of Object.keys(variables) as Name[]) {
    const text = environment[variables[name]];
    if (text) options[name] = text;
  }
  return options;
}

/** `cfg-1=llama3,cfg-2=qwen3` */
function pairs(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split(",").map((pair) => {
      const [name = "", ...value] = pair.split("=");
      return [name.trim(), value.join("=").trim()];
    }),
  );
}
