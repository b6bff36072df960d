import type { GenesysOptions } from "./gateway/genesys/provider.ts";
import type { GenesysUpstream, RelayBaseOptions } from "./options.ts";
import { environmentName, settingNames, settingTable, type SettingName } from "./settings.ts";

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

/**
 * The options that environment variables give: `GENESYS_*`, `PORT`, `HOST` and `GATESTREAM_*`. An
 * empty variable counts as unset. Nothing is checked here: `createRelay` tells everything that is
 * wrong at once, `GATESTREAM_*` variables that are no option included.
 */
export function relayOptionsFromEnvironment(
  environment: Environment,
): RelayBaseOptions & GenesysUpstream {
  const known = new Map(settingNames.map((name) => [environmentName(name), name]));
  // Passed on under their own names, so that they are refused together with whatever else is wrong.
  const strangers = Object.keys(environment)
    .filter((variable) => variable.startsWith("GATESTREAM_") && !known.has(variable))
    .map((variable) => [variable, environment[variable]]);
  const settings = [...known].flatMap(([variable, name]) => {
    const text = environment[variable];
    return text ? [[name, settingFromText(name, text)]] : [];
  });
  const genesys = Object.entries(genesysVariables).flatMap(([name, variable]) => {
    const text = environment[variable];
    return text ? [[name, text]] : [];
  });
  // The shapes are the tables'; whether the values fit is checked by createRelay.
  return {
    ...(Object.fromEntries([...strangers, ...settings]) as RelayBaseOptions),
    genesys: Object.fromEntries(genesys) as unknown as GenesysOptions,
  };
}

/** A setting's value as its text means it; a number that is none stays text and is told so. */
export function settingFromText(name: SettingName, text: string): number | string {
  const isNumber =
    typeof settingTable[name].default === "number" && /^-?\d+(?:\.\d+)?$/.test(text.trim());
  return isNumber ? Number(text) : text;
}
