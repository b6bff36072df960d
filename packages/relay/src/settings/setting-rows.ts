/** A whole number from `min` to `max`. */
export interface NumberRow {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly unit?: "ms" | "bytes";
}

export interface TextRow {
  readonly default: string;
  readonly pattern: RegExp;
  /** What `pattern` asks for, after "must". */
  readonly must: string;
  /** Never shown, and no flag: command lines are seen by others. */
  readonly secret?: true;
}

/** Texts, with commas between them where they are given as one. */
export interface ListRow {
  readonly default: readonly string[];
  /** What each must be like. */
  readonly pattern: RegExp;
  readonly must: string;
}

/** `true` or `false`. */
export interface SwitchRow {
  readonly default: boolean;
}

export type SettingRow = (NumberRow | TextRow | ListRow | SwitchRow) & {
  /** @defaultValue `GATESTREAM_` and the name in capitals */
  readonly environment?: string;
  readonly meaning: string;
};

export type SettingValue = SettingRow["default"];

/** What `value` must be to fit `row`, after "must"; undefined when it does. */
export function whatItMust(row: SettingRow, value: unknown): string | undefined {
  if ("min" in row) {
    const { min, max, unit } = row;
    const isInRange = Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max;
    if (isInRange) return undefined;
    return `be a whole number${unit ? ` of ${unit}` : ""} from ${min} to ${max}`;
  }
  if (!("pattern" in row)) return typeof value === "boolean" ? undefined : "be true or false";
  const texts: readonly unknown[] = Array.isArray(row.default) ? asList(value) : [value];
  const fits = texts.every((text) => typeof text === "string" && row.pattern.test(text));
  return fits ? undefined : row.must;
}

/** Whatever is no array fails as its own single item. */
function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [undefined];
}

/** A setting's value parsed from text; text that fits no value is kept and reported. */
export function settingFromText(row: SettingRow, text: string): SettingValue {
  if ("min" in row) return /^-?\d+(?:\.\d+)?$/.test(text.trim()) ? Number(text) : text;
  if (Array.isArray(row.default)) return text.split(",").map((item) => item.trim());
  if (typeof row.default === "boolean" && /^(?:true|false)$/.test(text)) return text === "true";
  return text;
}
