import { RelayError } from "../errors.ts";
import type { Caller } from "./caller.ts";

/** @throws RelayError `forbidden` when `caller` may not use a configuration. */
export type CheckConfiguration = (caller: Caller, configurationId: string) => void;

/** @param allowedConfigurations What the relay allows to anybody; none given is everything. */
export function createConfigurationCheck(
  allowedConfigurations: readonly string[],
): CheckConfiguration {
  const allowed = new Set(allowedConfigurations);
  return ({ configurations }, configurationId) => {
    const isOffered = allowed.size === 0 || allowed.has(configurationId);
    if (isOffered && (configurations?.includes(configurationId) ?? true)) return;
    throw new RelayError("forbidden", "You may not use this configurationId.");
  };
}
