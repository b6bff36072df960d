import { OptionsError, type RelayOptions, type RelaySettings } from "@gatestream/relay";
import {
  checkOptions,
  environmentName,
  label,
  readSettings,
  settingTable,
  type Setting,
} from "@gatestream/relay/command";

/** The settings that only the command has. */
const ownTable = {
  auditTo: { default: "", pattern: /^[^\0]*$/, must: "be a path, or redis" },
  auditContent: { default: false },
  auditRequired: { default: false },
  workers: { default: 1, min: 1, max: 256 },
  logLevel: {
    default: "info",
    pattern: /^(?:trace|debug|info|warn|error|fatal|silent)$/,
    must: "be trace, debug, info, warn, error, fatal or silent",
  },
} satisfies Readonly<Record<string, Setting>>;

interface OwnSettings {
  /** Where each stream is recorded: a path, or `redis`. @defaultValue nowhere */
  readonly auditTo: string;
  /** Whether the record holds conversations and answers. @defaultValue false */
  readonly auditContent: boolean;
  /** Whether no stream begins while the record cannot be written. @defaultValue false */
  readonly auditRequired: boolean;
  /** Processes that share the port. @defaultValue 1 */
  readonly workers: number;
  /** The least that is logged. @defaultValue `"info"` */
  readonly logLevel: string;
}

/** Every setting of the command with its value. */
export type CommandSettings = RelaySettings & OwnSettings;

/** What the command takes: the options of `createRelay` and its own. */
export type CommandOptions = RelayOptions & Partial<OwnSettings>;

export type CommandSettingName = keyof CommandSettings;

/** Every setting of the command, once. */
export const commandSettingTable: Readonly<Record<CommandSettingName, Setting>> = {
  ...settingTable,
  ...ownTable,
};

export const commandSettingNames = Object.keys(commandSettingTable) as CommandSettingName[];

/** The command-line flag of a setting: `--heartbeat-ms`; a secret has none. */
export function flagName(name: CommandSettingName): string | undefined {
  if ("secret" in commandSettingTable[name]) return undefined;
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The setting that an environment variable sets. */
export const settingOfVariable: ReadonlyMap<string, CommandSettingName> = new Map(
  commandSettingNames.map((name) => [environmentName(name), name]),
);

/** A setting's value parsed from text; text that fits no value is kept and reported. */
export function settingFromText(setting: Setting, text: string): Setting["default"] {
  if ("min" in setting) return /^-?\d+(?:\.\d+)?$/.test(text.trim()) ? Number(text) : text;
  if (Array.isArray(setting.default)) return text.split(",").map((item) => item.trim());
  if (typeof setting.default === "boolean" && /^(?:true|false)$/.test(text)) return text === "true";
  return text;
}

/**
 * The settings that `options` come to.
 *
 * @throws OptionsError when anything is wrong.
 */
export function resolveCommandSettings(options: CommandOptions): CommandSettings {
  const { auditTo, auditContent, auditRequired, workers, logLevel, ...relayOptions } = options;
  const own = readSettings(ownTable, { auditTo, auditContent, auditRequired, workers, logLevel });
  const relay = checkOptions(relayOptions);
  const settings = { ...relay.settings, ...(own.settings as unknown as OwnSettings) };
  // A reader may come back to another worker.
  const isKeptByDefault = settings.resume === "memory" && !options.resume;
  const resume = isKeptByDefault && settings.workers > 1 ? "off" : settings.resume;
  const resolved: CommandSettings = { ...settings, resume };
  const problems = [
    ...own.problems,
    ...relay.problems,
    ...auditProblems(resolved),
    ...workersProblems(resolved),
  ];
  if (problems.length > 0) throw new OptionsError(problems);
  return resolved;
}

function* auditProblems({ auditTo, auditContent, auditRequired, redisUrl }: CommandSettings) {
  if (auditTo === "redis" && redisUrl === "") {
    yield `${label("auditTo")} is redis: set ${label("redisUrl")} too.`;
  }
  if (auditTo !== "") return;
  for (const [name, value] of Object.entries({ auditContent, auditRequired })) {
    if (value) yield `${label(name)} needs ${label("auditTo")}: a path, or redis.`;
  }
}

/** What is promised to others for the whole machine: no worker can have less than one of it. */
const promised = ["requestsPerMinute", "maxConcurrentStreams", "maxConnections"] as const;

/** What each of several workers may have a share of. */
const divided = [...promised, "maxQueued"] as const;

/** What each worker would count for itself without Redis. */
const countedTogether = [
  "requestsPerMinutePerSubject",
  "tokensPerMinutePerSubject",
  "tokensPerDayPerSubject",
] as const;

/** What is wrong with having that many workers. */
function* workersProblems(settings: CommandSettings): Iterable<string> {
  const { workers, resume, redisUrl } = settings;
  if (workers === 1) return;
  for (const name of promised) {
    // maxConnections has no limit at 0.
    if (settings[name] === 0 || settings[name] >= workers) continue;
    yield `${label("workers")} (${workers}) must not be more than ${label(name)} (${settings[name]}), of which each worker has its share.`;
  }
  if (resume === "memory") {
    yield `${label("resume")} is "memory", but a reader may come back to another of the ${workers} ${label("workers")}: set ${label("resume")} to "redis", or ${label("workers")} to 1.`;
  }
  for (const name of countedTogether) {
    if (settings[name] === 0 || redisUrl !== "") continue;
    yield `${label(name)} would be counted by each of the ${workers} ${label("workers")} for itself: set ${label("redisUrl")}, where they count together, or ${label("workers")} to 1.`;
  }
}

/** The settings of one of the workers: together they keep to what the settings promise. */
export function shareOfWorker(settings: CommandSettings): CommandSettings {
  const shares = divided.map((name) => {
    const whole = settings[name];
    return [name, whole === 0 ? 0 : Math.max(1, Math.floor(whole / settings.workers))];
  });
  return { ...settings, ...Object.fromEntries(shares), workers: 1 };
}
