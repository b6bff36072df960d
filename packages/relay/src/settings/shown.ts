import { environmentName, type SettingName } from "./setting-table.ts";

/** A setting as its problems name it: the option, and the variable that may have set it. */
export function label(name: SettingName): string {
  return `${name} [${environmentName(name)}]`;
}

/** A value as it was given, without the password of a URL: JSON would call `NaN` null. */
export function shown(value: unknown): string {
  if (typeof value !== "string") return String(value);
  return JSON.stringify(value.replace(/\/\/[^/@]*@/, "//…@"));
}
