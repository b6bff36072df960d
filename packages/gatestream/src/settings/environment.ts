import type { RelayOptions, RelaySettings } from "@gatestream/relay";
import {
  environmentFindings,
  environmentName,
  nearMiss,
  upstreamTables,
  type EnvironmentFindings,
  type Setting,
  type UpstreamName,
} from "@gatestream/relay/command";
import {
  commandSettingTable,
  settingFromText,
  settingOfVariable,
  type CommandOptions,
} from "./command-settings.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const providerVariable = "GATESTREAM_PROVIDER";

/** The option that each value of it is. */
const upstreams: ReadonlyMap<string, UpstreamName> = new Map([
  ["genesys", "genesys"],
  ["openai", "openai"],
  ["openai-responses", "openaiResponses"],
  ["anthropic", "anthropic"],
]);

/** Every environment variable that has a meaning here. */
const knownVariables: ReadonlySet<string> = new Set([
  ...settingOfVariable.keys(),
  providerVariable,
  // Of `gatestream ask` and the demo pages; the relay takes what callers name.
  "GATESTREAM_CONFIGURATION_ID",
  ...Object.entries(upstreamTables).flatMap(([upstream, table]) =>
    Object.keys(table).map((option) => environmentName(`${upstream}.${option}`)),
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

/** What to do in a server of your own in place of the settings that only the command has. */
const withoutCommand = {
  auditTo: "give createRelay an audit of @gatestream/relay-audit",
  auditContent: "give it to audit of @gatestream/relay-audit",
  auditRequired: "give it to audit of @gatestream/relay-audit",
  workers: "run several processes of your own host, each with its share of the limits",
  logLevel:
    "give createRelay an observer, such as createPinoObserver(pino({ level })) of this package",
};

/** The options of the command that environment variables give. */
export function commandOptionsFromEnvironment(environment: Environment): CommandOptions {
  const findings = findingsIn(environment);
  // The shapes are the tables'; whether the values fit is checked later, all at once.
  return {
    ...settingsFrom(environment),
    ...upstreamFrom(environment),
    ...(findings && { [environmentFindings]: findings }),
  } as CommandOptions;
}

/**
 * The options that environment variables give: `GATESTREAM_*`, and for the upstream `GENESYS_*`, or
 * what belongs to another `GATESTREAM_PROVIDER`: `OPENAI_*` to `openai` and `openai-responses`,
 * `ANTHROPIC_*` to `anthropic`. An empty variable counts as unset. `PORT` and
 * `HOST` are left out: inside a server of your own they are that server's; for `relay.listen()` there
 * is {@link listenOptionsFromEnvironment}. Nothing is thrown here: `createRelay` reports everything
 * that is wrong at once, misspelt variables included.
 */
export function relayOptionsFromEnvironment(environment: Environment): RelayOptions {
  const given = commandOptionsFromEnvironment(environment);
  const { port: _port, host: _host, ...own } = given;
  const options: Partial<CommandOptions> = { ...own };
  for (const name of Object.keys(withoutCommand)) delete options[name as keyof CommandOptions];
  const unfit = Object.entries(withoutCommand)
    .filter(([name]) => name in given)
    .map(([name, advice]) => {
      return `${environmentName(name)} is only for the command \`gatestream serve\`: ${advice}.`;
    });
  if (unfit.length === 0) return options as RelayOptions;
  const { problems = [], warning } = options[environmentFindings] ?? {};
  const findings: EnvironmentFindings = { problems: [...problems, ...unfit], warning };
  return { ...options, [environmentFindings]: findings } as RelayOptions;
}

/** Where `relay.listen()` listens: `PORT` and `HOST`. */
export function listenOptionsFromEnvironment({
  PORT,
  HOST,
}: Environment): Partial<Pick<RelaySettings, "port" | "host">> {
  return settingsFrom({ PORT, HOST });
}

function settingsFrom(
  environment: Environment,
  table: Readonly<Record<string, Setting>> = commandSettingTable,
  prefix = "",
): object {
  const settings = Object.entries(table).flatMap(([name, row]) => {
    const text = environment[environmentName(prefix + name)];
    return text ? [[name, settingFromText(row, text)]] : [];
  });
  return Object.fromEntries(settings);
}

/** What is wrong with the names of the variables; their values may be secret. */
function findingsIn(environment: Environment): EnvironmentFindings | undefined {
  const upstream = upstreams.get(providerOf(environment)) ?? "genesys";
  const upstreamPrefix = environmentName(`${upstream}.`);
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

function providerOf(environment: Environment): string {
  return environment[providerVariable] || "genesys";
}

function upstreamFrom(environment: Environment): object {
  const provider = providerOf(environment);
  const upstream = upstreams.get(provider);
  if (upstream === undefined) return { provider };
  const { models, ...others }: { readonly models?: readonly string[] } = settingsFrom(
    environment,
    upstreamTables[upstream],
    `${upstream}.`,
  );
  return {
    [upstream]: { ...others, ...(models && { models: Object.fromEntries(models.map(pair)) }) },
  };
}

/** `cfg-1=llama3`; what is no pair is left for `createRelay` to refuse. */
function pair(text: string): [string, string] {
  const [name = "", ...value] = text.split("=");
  return [name.trim(), value.join("=").trim()];
}
