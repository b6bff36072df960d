import type { Authenticate } from "../access/caller.ts";
import type { GenesysOptions } from "../gateway/genesys/provider.ts";
import type { Provider } from "../gateway/provider.ts";
import type { ResumableLog } from "../log/event-log.ts";
import type { Observer } from "../observe/observer.ts";
import type { StartTrace } from "../observe/trace.ts";
import type { OutputFormat } from "../http/sse.ts";
import type { UpgradeTransport } from "../http/upgrades.ts";
import { admissionProblems } from "./admission-problems.ts";
import { whatItMust } from "./setting-rows.ts";
import { settingNames, settingTable, type SettingName } from "./setting-table.ts";
import { plaintextProblems } from "./plaintext-problems.ts";
import type { RelaySettings } from "./settings.ts";
import { label, shown } from "./shown.ts";
import { hint, isVariable, nearMiss } from "./unknown-names.ts";
import { isInstalled } from "./installed.ts";
import { isRedisUrl, redisUrlRule } from "./redis-url.ts";
import { upstreamProblems } from "./upstream-problems.ts";
import { genesysVariables, knownVariables, openaiVariables } from "./variables.ts";
import { workersProblems } from "./workers.ts";

/** Settings that only the command `gatestream serve` has, and what to do in a host of your own. */
const commandSettings = {
  workers: "run several processes of your own host, each with its share of the limits",
  logLevel: "give createRelay an observer, such as createPinoObserver(pino({ level }))",
} as const satisfies Partial<Record<SettingName, string>>;

type CommandSettingName = keyof typeof commandSettings;

/** What differs from the defaults. */
export interface RelayBaseOptions extends Partial<Omit<RelaySettings, CommandSettingName>> {
  /**
   * Identifies the caller, in place of `auth`. A method, so that it may ask for the request of a framework.
   *
   * @defaultValue what `auth` says
   */
  authenticate?(...request: Parameters<Authenticate>): ReturnType<Authenticate>;
  /** Where streams are kept for resuming, in place of `resume`. @defaultValue as `resume` says */
  readonly log?: ResumableLog;
  /** What a reader may ask for with `Accept`; the first is the default. @defaultValue SSE */
  readonly formats?: readonly OutputFormat[];
  /**
   * Other ways than HTTP to start and read streams.
   *
   * @defaultValue a WebSocket, where `@gatestream/relay-websocket` is installed
   */
  readonly transports?: readonly UpgradeTransport[];
  /**
   * Joins each stream to the trace of its request.
   *
   * @defaultValue spans of OpenTelemetry, where `@gatestream/relay-opentelemetry` is installed
   */
  readonly startTrace?: StartTrace;
  /** Called with each event. @defaultValue process warnings for `internal_error` and `gateway_auth_failed` */
  readonly observer?: Observer;
}

/** The Genesys Cloud LLM Gateway as upstream. */
export interface GenesysUpstream {
  readonly genesys: GenesysOptions;
  readonly openai?: never;
  readonly provider?: never;
}

/** A server that speaks OpenAI's chat completions: vLLM, Ollama, LiteLLM and the like. */
export interface OpenaiOptions {
  /** Up to and including the version, such as `http://127.0.0.1:11434/v1`. */
  readonly baseUrl: string;
  /** Sent as a bearer token. @defaultValue none */
  readonly apiKey?: string;
  /**
   * Which model answers for a `configurationId`. One that is not listed is a model's name itself.
   *
   * @defaultValue none
   */
  readonly models?: Readonly<Record<string, string>>;
  /**
   * Whether `stream_options` asks for the usage. A server that refuses the field is asked without it
   * all the same, from its first refusal on.
   *
   * @defaultValue true
   */
  readonly includeUsage?: boolean;
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

/** What the command takes: also the settings that a relay of the library refuses. */
export type CommandOptions = RelayOptions & Partial<Pick<RelaySettings, CommandSettingName>>;

/** Everything that is wrong with a relay's options, reported at once. */
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
 * The settings that `options` come to. Of the library, the settings of the command are refused.
 *
 * @throws OptionsError when anything is wrong.
 */
export function resolveSettings(
  options: CommandOptions,
  { isLibrary = false } = {},
): RelaySettings {
  // A value that does not fit is reported, and does not make others look wrong.
  const entries = settingNames.map((name) => {
    const { default: usual } = settingTable[name];
    return [name, problemOf(name, options[name]) === undefined ? (options[name] ?? usual) : usual];
  });
  // Every name of the table with a value of its row's type.
  const given = Object.fromEntries(entries) as RelaySettings;
  const settings = { ...given, resume: resumeOf(given, options) };
  const wrong = [
    ...unknownNameProblems(options),
    ...(isLibrary ? commandSettingProblems(options) : []),
    ...settingProblems(options),
    ...upstreamProblems(options),
  ];
  const contradictions = [
    ...admissionProblems(settings, options),
    ...logProblems(settings, options),
    ...workersProblems(settings),
    ...plaintextProblems(settings, options),
  ];
  const problems = [...wrong, ...contradictions];
  if (problems.length > 0) throw new OptionsError(problems);
  return settings;
}

function resumeOf(
  { resume, redisUrl, workers }: RelaySettings,
  { log }: RelayOptions,
): RelaySettings["resume"] {
  if (resume !== "") return resume;
  // A log of the host's own takes the place of all of them.
  if (log !== undefined) return "off";
  if (redisUrl !== "") return "redis";
  return workers === 1 ? "memory" : "off";
}

const knownNames: ReadonlySet<string> = new Set([
  ...settingNames,
  "genesys",
  "openai",
  "provider",
  "authenticate",
  "log",
  "formats",
  "transports",
  "observer",
  "startTrace",
]);

function* unknownNameProblems(options: CommandOptions): Iterable<string> {
  for (const name of Object.keys(options)) {
    if (isVariable(name)) {
      const near = nearMiss(name, knownVariables);
      if (near !== undefined) yield `${name} is not a setting: did you mean ${near}?`;
    } else if (!knownNames.has(name)) {
      yield `${name} is not an option${hint(name, knownNames)}`;
    }
  }
  yield* unknownUpstreamNames("genesys", options.genesys, genesysVariables);
  yield* unknownUpstreamNames("openai", options.openai, openaiVariables);
}

function* unknownUpstreamNames(
  upstream: string,
  options: object = {},
  known: Readonly<Record<string, string>>,
): Iterable<string> {
  const names = Object.keys(known).map((name) => `${upstream}.${name}`);
  for (const name of Object.keys(options).map((own) => `${upstream}.${own}`)) {
    if (!names.includes(name)) yield `${name} is not an option${hint(name, names)}`;
  }
}

function* commandSettingProblems(options: CommandOptions): Iterable<string> {
  for (const name of Object.keys(commandSettings) as CommandSettingName[]) {
    if (options[name] === undefined) continue;
    yield `${label(name)} is only for the command \`gatestream serve\`: ${commandSettings[name]}.`;
  }
}

function* settingProblems(options: CommandOptions): Iterable<string> {
  for (const name of settingNames) {
    const problem = problemOf(name, options[name]);
    if (problem !== undefined) yield problem;
  }
}

function problemOf(name: SettingName, value: unknown): string | undefined {
  const row = settingTable[name];
  const must = value === undefined ? undefined : whatItMust(row, value);
  if (must === undefined) return undefined;
  return `${label(name)}${"secret" in row ? "" : ` (${shown(value)})`} must ${must}.`;
}

function* logProblems(
  { resume, redisUrl }: RelaySettings,
  { log }: CommandOptions,
): Iterable<string> {
  if (resume === "redis" && redisUrl === "") {
    yield `${label("resume")} is "redis": set ${label("redisUrl")}.`;
  }
  if (redisUrl !== "" && !isRedisUrl(redisUrl)) yield `${label("redisUrl")} must ${redisUrlRule}.`;
  const part = "@gatestream/relay-redis";
  if (redisUrl !== "" && !isInstalled(part)) {
    const needs = resume === "redis" ? "resume=redis" : label("redisUrl");
    yield `${needs} needs the package "${part}": npm install ${part}`;
  }
  if (resume !== "off" && log !== undefined) {
    yield `log and ${label("resume")} both say where streams are kept: leave one out.`;
  }
}
