import type {
  AnthropicOptions,
  OpenaiOptions,
  OpenaiResponsesOptions,
} from "@gatestream/relay-providers/settings";
import type { Authenticate, MayFollow } from "../access/caller.ts";
import type { GenesysOptions } from "../gateway/genesys/provider.ts";
import type { Provider } from "../gateway/provider.ts";
import type { Adapter } from "../http/adapter.ts";
import type { OutputFormat } from "../http/sse.ts";
import type { UpgradeTransport } from "../http/upgrades.ts";
import type { ResumableLog } from "../log/event-log.ts";
import type { Audit } from "../observe/audit.ts";
import type { Observer } from "../observe/observer.ts";
import type { StartTrace } from "../observe/trace.ts";
import { hint } from "./name-hint.ts";
import {
  accessProblems,
  adapterProblems,
  logProblems,
  plaintextProblems,
  upstreamProblems,
} from "./problems.ts";
import { readSettings } from "./setting.ts";
import {
  settingNames,
  settingTable,
  upstreamTables,
  type RelaySettings,
  type UpstreamName,
} from "./setting-table.ts";

/** Where `relayOptionsFromEnvironment` of the package `gatestream` puts what it found. */
export const environmentFindings = Symbol.for("gatestream.environmentFindings");

export interface EnvironmentFindings {
  /** Why the relay must not start. */
  readonly problems: readonly string[];
  readonly warning?: string | undefined;
}

/** What differs from the defaults. */
export interface RelayBaseOptions extends Partial<Omit<RelaySettings, "adapters">> {
  /**
   * Whose clients may use the relay unchanged: `ai-sdk`, `openai` and `ag-ui` of
   * `@gatestream/relay-adapters`, and adapters of your own. @defaultValue none
   */
  readonly adapters?: readonly (string | Adapter)[];
  /**
   * Identifies the caller, in place of `auth`. A method, so that it may ask for the request of a framework.
   *
   * @defaultValue what `auth` says
   */
  authenticate?(...request: Parameters<Authenticate>): ReturnType<Authenticate>;
  /**
   * Lets callers follow and find kept streams of others, as a supervisor does; they cannot cancel them. Asked
   * for each request; false, a failure, or more than two seconds refuse it.
   *
   * @defaultValue callers only follow their own streams
   */
  readonly mayFollow?: MayFollow;
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
  /** The operator's record of each stream. @defaultValue none */
  readonly audit?: Audit;
  /** Called with each event. @defaultValue process warnings for `internal_error` and `gateway_auth_failed` */
  readonly observer?: Observer;
  /** What is wrong with the names of the environment that the options were read from. */
  readonly [environmentFindings]?: EnvironmentFindings;
}

/** What a relay may ask. */
interface Upstreams {
  readonly genesys: GenesysOptions;
  readonly openai: OpenaiOptions;
  readonly openaiResponses: OpenaiResponsesOptions;
  readonly anthropic: AnthropicOptions;
  readonly provider: Provider;
}

/** One upstream, and no other. */
type Only<Name extends keyof Upstreams> = Pick<Upstreams, Name> & {
  readonly [Other in Exclude<keyof Upstreams, Name>]?: never;
};

/** The Genesys Cloud LLM Gateway as upstream. */
export type GenesysUpstream = Only<"genesys">;
/** A server that speaks OpenAI's chat completions as upstream. */
export type OpenaiUpstream = Only<"openai">;
/** A server that speaks OpenAI's Responses as upstream. */
export type OpenaiResponsesUpstream = Only<"openaiResponses">;
/** A server that speaks Anthropic's Messages as upstream. */
export type AnthropicUpstream = Only<"anthropic">;
/** An upstream of your own; the settings about the gateway are its own matter. */
export type ProviderUpstream = Only<"provider">;

/** What {@link createRelay} takes: one upstream, and what differs from the defaults. */
export type RelayOptions = RelayBaseOptions &
  (
    | GenesysUpstream
    | OpenaiUpstream
    | OpenaiResponsesUpstream
    | AnthropicUpstream
    | ProviderUpstream
  );

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

const optionNames: readonly string[] = [
  ...settingNames,
  ...Object.keys(upstreamTables),
  "provider",
  "authenticate",
  "mayFollow",
  "log",
  "formats",
  "transports",
  "startTrace",
  "audit",
  "observer",
];

/**
 * The settings that `options` come to.
 *
 * @throws OptionsError when anything is wrong.
 */
export function resolveSettings(options: RelayOptions): RelaySettings {
  const { settings, problems } = checkOptions(options);
  if (problems.length > 0) throw new OptionsError(problems);
  return settings;
}

/** The settings that `options` come to, and everything that is wrong with them. */
export function checkOptions(options: RelayOptions) {
  const { adapters: all } = options;
  const adapters = Array.isArray(all) ? all.filter((one) => typeof one !== "object") : all;
  const { settings: given, problems: misfits } = readSettings(settingTable, {
    ...options,
    ...(adapters !== undefined && { adapters }),
  });
  // The table's types: what does not fit has its default.
  const settings = given as RelaySettings;
  const resolved = { ...settings, resume: resumeOf(settings, options) };
  const problems = [
    ...(options[environmentFindings]?.problems ?? []),
    ...unknownNameProblems(options),
    ...misfits,
    ...upstreamProblems(options),
    ...adapterProblems(resolved),
    ...accessProblems(resolved, options),
    ...logProblems(resolved, options),
    ...plaintextProblems(resolved, options),
  ];
  return { settings: resolved, problems };
}

function resumeOf(
  { resume, redisUrl }: RelaySettings,
  { log }: RelayOptions,
): RelaySettings["resume"] {
  if (resume !== "") return resume;
  // A log of the host's own takes the place of all of them.
  if (log !== undefined) return "off";
  return redisUrl === "" ? "memory" : "redis";
}

function* unknownNameProblems(options: RelayOptions): Iterable<string> {
  for (const name of Object.keys(options)) {
    if (!optionNames.includes(name)) yield `${name} is not an option${hint(name, optionNames)}`;
  }
  for (const upstream of Object.keys(upstreamTables) as UpstreamName[]) {
    const known = Object.keys(upstreamTables[upstream]).map((name) => `${upstream}.${name}`);
    for (const own of Object.keys(options[upstream] ?? {})) {
      const name = `${upstream}.${own}`;
      if (!known.includes(name)) yield `${name} is not an option${hint(name, known)}`;
    }
  }
}
