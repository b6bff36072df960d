/** A whole number from `min` to `max`. */
export interface NumberSetting {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly unit?: "ms" | "bytes";
}

/** What a text must be like. */
export interface Pattern {
  readonly pattern: { test(text: string): boolean };
  /** What `pattern` asks for, after "must". */
  readonly must: string;
}

export interface TextSetting<Value extends string = string> extends Pattern {
  readonly default: Value;
  /** Never shown, and no flag of the command: command lines are seen by others. */
  readonly secret?: true;
}

/** Each text of it fits the pattern. */
export interface ListSetting extends Pattern {
  readonly default: readonly string[];
}

export interface SwitchSetting {
  readonly default: boolean;
}

export type Setting = NumberSetting | TextSetting | ListSetting | SwitchSetting;

/** A table's settings with their values. */
export type SettingsOf<Table extends Readonly<Record<string, Setting>>> = {
  readonly [Name in keyof Table]: Table[Name]["default"];
};

/** The environment variable of a setting: `GATESTREAM_HEARTBEAT_MS`, `GENESYS_CLIENT_ID`. */
export function environmentName(name: string): string {
  // Both of OpenAI's APIs are one server's.
  const own = name.replace(/^openaiResponses\./, "openai.");
  const words = own.replace(/[A-Z]/g, "_$&").replace(".", "_").toUpperCase();
  return /^(?:port|host)$|\./.test(own) ? words : `GATESTREAM_${words}`;
}

/** The rule that `value` breaks, after "must"; undefined when it fits the setting. */
export function brokenRule(setting: Setting, value: unknown): string | undefined {
  if ("min" in setting) {
    const { min, max, unit } = setting;
    const isInRange = Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max;
    if (isInRange) return undefined;
    return `be a whole number${unit ? ` of ${unit}` : ""} from ${min} to ${max}`;
  }
  if (!("pattern" in setting)) return typeof value === "boolean" ? undefined : "be true or false";
  // Whatever is no array fails as its own single item.
  const given = Array.isArray(value) ? value : [undefined];
  const texts: readonly unknown[] = Array.isArray(setting.default) ? given : [value];
  const fits = texts.every((each) => typeof each === "string" && setting.pattern.test(each));
  return fits ? undefined : setting.must;
}

/** A setting as its problems name it: the option, and the variable that may have set it. */
export function label(name: string): string {
  return `${name} [${environmentName(name)}]`;
}

/** A value as it was given, without the password of a URL: JSON would call `NaN` null. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return value.map(shown).join(", ");
  if (typeof value !== "string") return String(value);
  return JSON.stringify(value.replace(/\/\/.*@/s, "//…@"));
}

/** The values of a table's settings. One that does not fit is reported, and has its default. */
export function readSettings(
  table: Readonly<Record<string, Setting>>,
  options: object,
  prefix = "",
) {
  const given: Readonly<Record<string, unknown>> = { ...options };
  const settings: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, setting] of Object.entries(table)) {
    const value = given[name] ?? setting.default;
    const rule = given[name] === undefined ? undefined : brokenRule(setting, given[name]);
    settings[name] = rule === undefined ? value : setting.default;
    if (rule === undefined) continue;
    const isHidden = "secret" in setting || given[name] === "";
    const found = isHidden ? "" : ` (${shown(given[name])})`;
    problems.push(`${label(prefix + name)}${found} must ${rule}.`);
  }
  return { settings, problems };
}
