import type { RelayOptions, RelaySettings } from "@gatestream/relay";
import {
  environmentFindings,
  nearMiss,
  upstreamOptions,
  type EnvironmentFindings,
} from "@gatestream/relay/command";
import { commandSettingTable, settingFromText, settingOfVariable } from "./command-settings.ts";

type Environment = Readonly<Record<string, string | undefined>>;
type Upstream = keyof typeof upstreamOptions;

const providerVariable = "GATESTREAM_PROVIDER";

/** Every environment variable that has a meaning here. */
const knownVariables: ReadonlySet<string> = new Set([
  ...settingOfVariable.keys(),
  providerVariable,
  // Of `gatestream ask` and the demo pages; the relay takes what callers name.
  "GATESTREAM_CONFIGURATION_ID",
  ...Object.keys(upstreamOptions).flatMap((upstream) =>
    upstreamOptions[upstream as Upstream].map((option) => variableOf(upstream, option)),
  ),
]);

/** Settings that there were, and what to do without them. */
const removedSettings = {
  GATESTREAM_LOOKUPS_PER_MINUTE_PER_SUBJECT: "10000 is the limit",
  GATESTREAM_MAX_SOCKETS_PER_SUBJECT: "1000 is the limit",
  GATESTREAM_MAX_READERS_PER_SUBJECT: "10000 is the limit",
  GATESTREAM_JWT_CLOCK_TOLERANCE_MS: "clocks may differ by 5 seconds; synchronize them",
  GATESTREAM_MAX_MESSAGES: "256 is the limit; GATESTREAM_MAX_BODY_BYTES makes requests smaller",
  GATESTREAM_MAX_CONTENT_CHARS:
    "200000 is the limit; GATESTREAM_MAX_BODY_BYTES makes requests smaller",
  GATESTREAM_CONNECT_TIMEOUT_MS: "connecting may take 10 seconds",
  GATESTREAM_MAX_QUEUED_BYTES: "64 MiB is the limit; GATESTREAM_MAX_QUEUED makes the queue shorter",
  GATESTREAM_MAX_LINE_BYTES: "1 MiB is the limit",
  GATESTREAM_MAX_MALFORMED_LINES: "16 is the limit",
} as const;

/** The variable of an upstream's option: `OPENAI_BASE_URL`. */
function variableOf(upstream: string, option: string): string {
  return `${upstream}_${option.replace(/[A-Z]/g, (letter) => `_${letter}`)}`.toUpperCase();
}

/**
 * The options that environment variables give: `GATESTREAM_*`, and for the upstream `GENESYS_*`, or
 * `OPENAI_*` when `GATESTREAM_PROVIDER` is `openai`. An empty variable counts as unset. `PORT` and
 * `HOST` are left out: inside a server of your own they are that server's; for `relay.listen()` there
 * is {@link listenOptionsFromEnvironment}. Nothing is thrown here: `createRelay` reports everything
 * that is wrong at once, misspelt variables included.
 */
export function relayOptionsFromEnvironment(environment: Environment): RelayOptions {
  const { PORT: _port, HOST: _host, ...relayEnvironment } = environment;
  const findings = findingsIn(environment);
  // The shapes are the tables'; whether the values fit is checked by createRelay.
  return {
    ...settingsFrom(relayEnvironment),
    ...upstreamFrom(environment),
    ...(findings && { [environmentFindings]: findings }),
  } as RelayOptions;
}

/** Where `relay.listen()` listens: `PORT` and `HOST`. */
export function listenOptionsFromEnvironment({
  PORT,
  HOST,
}: Environment): Partial<Pick<RelaySettings, "port" | "host">> {
  return settingsFrom({ PORT, HOST });
}

function settingsFrom(environment: Environment): object {
  const settings = [...settingOfVariable].flatMap(([variable, name]) => {
    const text = environment[variable];
    return text ? [[name, settingFromText(commandSettingTable[name], text)]] : [];
  });
  return Object.fromEntries(settings);
}

/** What is wrong with the names of the variables; their values may be secret. */
function findingsIn(environment: Environment): EnvironmentFindings | undefined {
  const upstreamPrefix = isOpenai(environment) ? "OPENAI_" : "GENESYS_";
  const problems: string[] = [];
  const warnings = Object.entries(removedSettings)
    .filter(([name]) => environment[name])
    .map(([name, advice]) => `${name} no longer exists: ${advice}.`);
  const ignored: string[] = [];
  for (const name of Object.keys(environment)) {
    const isOwn = name.startsWith("GATESTREAM_");
    if (knownVariables.has(name) || !(isOwn || name.startsWith(upstreamPrefix))) continue;
    if (Object.hasOwn(removedSettings, name)) continue;
    const near = nearMiss(name, knownVariables);
    if (near !== undefined) problems.push(`${name} is not a setting: did you mean ${near}?`);
    // Other programs have variables of the upstream too: only a near miss is meant for this one.
    else if (isOwn) ignored.push(name);
  }
  if (ignored.length > 0) {
    warnings.push(
      `Unknown variables are ignored: ${ignored.join(", ")}. Kubernetes sets such for a Service named gatestream; enableServiceLinks: false leaves them out.`,
    );
  }
  if (problems.length + warnings.length === 0) return undefined;
  return { problems, warning: warnings.join(" ") || undefined };
}

function isOpenai(environment: Environment): boolean {
  return environment[providerVariable] === "openai";
}

function upstreamFrom(environment: Environment): object {
  const provider = environment[providerVariable] || "genesys";
  if (provider === "genesys") return { genesys: optionsFrom(environment, "genesys") };
  if (!isOpenai(environment)) return { provider };
  const { models, includeUsage, ...openai } = optionsFrom(environment, "openai");
  return {
    openai: {
      ...openai,
      ...(models && { models: pairs(models) }),
      ...(includeUsage && { includeUsage: switchFrom(includeUsage) }),
    },
  };
}

function optionsFrom(environment: Environment, upstream: Upstream) {
  const options: { models?: string; includeUsage?: string; [name: string]: string | undefined } =
    {};
  for (const name of upstreamOptions[upstream]) {
    const text = environment[variableOf(upstream, name)];
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
