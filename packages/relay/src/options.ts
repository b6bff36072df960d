import type { GenesysOptions } from "./gateway/genesys/provider.ts";
import type { OpenaiOptions } from "./gateway/openai/provider.ts";
import type { Provider } from "./gateway/provider.ts";
import type { EventLog } from "./log/event-log.ts";
import type { Observer } from "./observe/observer.ts";
import type { OutputFormat } from "./output/format.ts";
import {
  environmentName,
  settingNames,
  settingTable,
  type RelaySettings,
  type SettingName,
} from "./settings.ts";

/** What differs from the defaults. */
export interface RelayBaseOptions extends Partial<RelaySettings> {
  /** Where events are kept. @defaultValue the direct log: one reader, nothing kept */
  readonly log?: EventLog;
  /** What a reader may ask for with `Accept`; the first is the default. @defaultValue SSE */
  readonly formats?: readonly OutputFormat[];
  /** Hears what happens. @defaultValue nobody */
  readonly observer?: Observer;
}

/** The Genesys Cloud LLM Gateway as upstream. */
export interface GenesysUpstream {
  readonly genesys: GenesysOptions;
  readonly openai?: never;
  readonly provider?: never;
}

/** A server that speaks OpenAI's chat completions as upstream. */
export interface OpenaiUpstream {
  readonly openai: OpenaiOptions;
  readonly genesys?: never;
  readonly provider?: never;
}

/** An upstream of your own; the settings about the gateway are its own matter. */
export interface ProviderUpstream {
  readonly provider: Provider;
  readonly genesys?: never;
  readonly openai?: never;
}

/** What {@link createRelay} takes: one upstream, and what differs from the defaults. */
export type RelayOptions = RelayBaseOptions & (GenesysUpstream | OpenaiUpstream | ProviderUpstream);

/** Everything that is wrong with a relay's options, told at once. */
export class OptionsError extends Error {
  override readonly name = "OptionsError";
  /** One sentence each: which option, what it holds, what to change. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The relay cannot start:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
    this.problems = problems;
  }
}

/**
 * The settings that `options` come to.
 *
 * @throws OptionsError when anything is wrong.
 */
export function resolveSettings(options: RelayOptions): RelaySettings {
  const problems = [...settingProblems(options), ...upstreamProblems(options)];
  if (problems.length > 0) throw new OptionsError(problems);
  const entries = settingNames.map((name) => [name, options[name] ?? settingTable[name].default]);
  // Every name of the table with a value of its row's type: checked above.
  return Object.fromEntries(entries) as RelaySettings;
}

const knownNames: ReadonlySet<string> = new Set([
  ...settingNames,
  "genesys",
  "openai",
  "provider",
  "log",
  "formats",
  "observer",
]);

function* settingProblems(options: RelayOptions): Iterable<string> {
  for (const name of Object.keys(options)) {
    if (!knownNames.has(name)) yield `${name} is no option of the relay.`;
  }
  for (const name of settingNames) {
    const must = whatItMust(name, options[name]);
    if (must !== undefined) yield `${label(name)} (${shown(options[name])}) must ${must}.`;
  }
  const { host = settingTable.host.default, auth } = options;
  if (!isLoopback(String(host)) && auth !== "none") {
    yield `${label("host")} (${host}) is not loopback, and nobody is asked who they are: listen on 127.0.0.1, or set ${label("auth")} to "none" to let everybody in.`;
  }
}

function whatItMust(name: SettingName, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const row = settingTable[name];
  if ("pattern" in row) {
    return typeof value === "string" && row.pattern.test(value) ? undefined : row.must;
  }
  const { min, max, unit } = row;
  const isInRange = Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max;
  return isInRange
    ? undefined
    : `be a whole number${unit ? ` of ${unit}` : ""} from ${min} to ${max}`;
}

function* upstreamProblems({ genesys, openai, provider }: Partial<RelayOptions>): Iterable<string> {
  const given = [genesys, openai, provider].filter((upstream) => upstream !== undefined);
  if (given.length !== 1) {
    const problem = given.length === 0 ? "There is no upstream" : "There is more than one upstream";
    yield `${problem}: give one of genesys, openai and provider.`;
  }
  if (genesys !== undefined) yield* genesysProblems(genesys);
  if (openai !== undefined) yield* openaiProblems(openai);
  if (provider !== undefined && typeof provider.open !== "function") {
    yield `provider (${shown(provider)}) must be a Provider; GATESTREAM_PROVIDER takes genesys or openai.`;
  }
}

function* genesysProblems(options: GenesysOptions): Iterable<string> {
  const { clientId, clientSecret, environment, loginUrl, apiUrl, gatewayPath } = options;
  if (!clientId) yield "genesys.clientId (GENESYS_CLIENT_ID) is missing.";
  if (!clientSecret) yield "genesys.clientSecret (GENESYS_CLIENT_SECRET) is missing.";
  if (environment === undefined && (loginUrl === undefined || apiUrl === undefined)) {
    yield "genesys.environment (GENESYS_ENVIRONMENT) is missing: your region, such as mypurecloud.de or eu-central-1.";
  }
  if (environment !== undefined && !/^[\w-]+(?:\.[\w-]+)*$/.test(environment.trim())) {
    yield `genesys.environment (GENESYS_ENVIRONMENT, ${shown(environment)}) must be a host or a region without a scheme or path, such as mypurecloud.de or eu-central-1.`;
  }
  yield* originProblems("genesys.loginUrl (GENESYS_LOGIN_URL", loginUrl);
  yield* originProblems("genesys.apiUrl (GENESYS_API_URL", apiUrl);
  if (gatewayPath !== undefined && !gatewayPath.startsWith("/")) {
    yield `genesys.gatewayPath (GENESYS_GATEWAY_PATH, ${shown(gatewayPath)}) must begin with "/".`;
  }
}

function* openaiProblems({ baseUrl, apiKey = "", models = {} }: OpenaiOptions): Iterable<string> {
  if (!baseUrl) {
    yield "openai.baseUrl (OPENAI_BASE_URL) is missing: up to the version, such as http://127.0.0.1:11434/v1.";
  } else {
    yield* urlProblems("openai.baseUrl (OPENAI_BASE_URL", baseUrl);
  }
  // A line break from a file would only be found by the first request. The key itself is not shown.
  if (!/^[!-~]*$/.test(apiKey)) {
    yield "openai.apiKey (OPENAI_API_KEY) must be of visible ASCII characters, without spaces.";
  }
  for (const [configurationId, model] of Object.entries(models)) {
    if (configurationId && model) continue;
    yield `openai.models (OPENAI_MODELS, ${shown(configurationId)}) must be pairs of a configurationId and a model, such as cfg-1=llama3.`;
  }
}

function* urlProblems(name: string, url: string | undefined): Iterable<string> {
  if (url === undefined || isHttpUrl(url)) return;
  yield `${name}, ${shown(url)}) must be an http or https URL.`;
}

function* originProblems(name: string, url: string | undefined): Iterable<string> {
  yield* urlProblems(name, url);
  if (url !== undefined && isHttpUrl(url) && new URL(url).href !== `${new URL(url).origin}/`) {
    yield `${name}, ${shown(url)}) must be an origin without a path; GENESYS_GATEWAY_PATH is the gateway's.`;
  }
}

function label(name: SettingName): string {
  return `${name} [${environmentName(name)}]`;
}

/** A value as it was given: JSON would call `NaN` null. */
function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}
