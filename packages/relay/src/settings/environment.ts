import type { RelayOptions } from "./options.ts";
import { settingFromText } from "./setting-rows.ts";
import { environmentName, settingNames, settingTable, type SettingName } from "./setting-table.ts";
import type { RelaySettings } from "./settings.ts";
import { nearMiss } from "./unknown-names.ts";
import {
  genesysVariables,
  knownVariables,
  openaiVariables,
  providerVariable,
} from "./variables.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const listenNames = ["port", "host"] as const satisfies readonly SettingName[];

/**
 * The options that environment variables give: `GATESTREAM_*`, and for the upstream `GENESYS_*`, or
 * `OPENAI_*` when `GATESTREAM_PROVIDER` is `openai`. An empty variable counts as unset. `PORT` and
 * `HOST` are left out: inside a server of your own they are that server's; for `relay.listen()` there
 * is {@link listenOptionsFromEnvironment}. Nothing is checked here: `createRelay` reports everything
 * that is wrong at once, misspelt variables included.
 */
export function relayOptionsFromEnvironment(environment: Environment): RelayOptions {
  const isListenName = (name: SettingName) => listenNames.some((listen) => listen === name);
  const relayNames = settingNames.filter((name) => !isListenName(name));
  // The shapes are the tables'; whether the values fit is checked by createRelay.
  return {
    ...unknownFrom(environment),
    ...settingsFrom(environment, relayNames),
    ...upstreamFrom(environment),
  } as RelayOptions;
}

/** Where `relay.listen()` listens: `PORT` and `HOST`. */
export function listenOptionsFromEnvironment(
  environment: Environment,
): Partial<Pick<RelaySettings, (typeof listenNames)[number]>> {
  return settingsFrom(environment, listenNames);
}

function settingsFrom(environment: Environment, names: readonly SettingName[]): object {
  const settings = names.flatMap((name) => {
    const text = environment[environmentName(name)];
    return text ? [[name, settingFromText(settingTable[name], text)]] : [];
  });
  return Object.fromEntries(settings);
}

/**
 * Unknown variables are passed on under their own names: createRelay refuses the misspelt ones
 * together with whatever else is wrong, and warns of the others. Without values: they may be secret.
 */
function unknownFrom(environment: Environment): object {
  const upstreamPrefix = isOpenai(environment) ? "OPENAI_" : "GENESYS_";
  const names = Object.keys(environment).filter((name) => {
    if (knownVariables.has(name)) return false;
    if (name.startsWith("GATESTREAM_")) return true;
    // Other programs have such variables too: only a near miss is meant for this one.
    return name.startsWith(upstreamPrefix) && nearMiss(name, knownVariables) !== undefined;
  });
  return Object.fromEntries(names.map((name) => [name, true]));
}

function isOpenai(environment: Environment): boolean {
  return environment[providerVariable] === "openai";
}

function upstreamFrom(environment: Environment): object {
  const provider = environment[providerVariable] || "genesys";
  if (provider === "genesys") return { genesys: optionsFrom(environment, genesysVariables) };
  if (!isOpenai(environment)) return { provider };
  const { models, includeUsage, ...openai } = optionsFrom(environment, openaiVariables);
  return {
    openai: {
      ...openai,
      ...(models && { models: pairs(models) }),
      ...(includeUsage && { includeUsage: switchFrom(includeUsage) }),
    },
  };
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

/** Anything but a switch is left as it is, for `createRelay` to refuse. */
function switchFrom(text: string): boolean | string {
  return text === "true" || (text === "false" ? false : text);
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
