/**
 * `@gatestream/relay/parts`: what the packages beside the relay need of it. It is not for other
 * programs: any release may change it.
 */
export type { Authenticate, Caller } from "./admission/caller.ts";
export {
  readPublicKey,
  defaultAlgorithmsFor,
  defaultKeyAlgorithms,
  defaultSecretAlgorithms,
} from "./configuration/jwt-keys.ts";
export { jwtProblems, readClaimRule } from "./configuration/jwt-problems.ts";
export type { JwtSettings } from "./configuration/jwt-settings.ts";
export { OptionsError } from "./configuration/options.ts";
export { whatItMust } from "./configuration/setting-rows.ts";
export { settingNames, settingTable } from "./configuration/setting-table.ts";
export { shown } from "./configuration/shown.ts";
export { hint } from "./configuration/unknown-names.ts";
export { isRelayError, RelayError } from "./errors.ts";
export type { RelayMetrics } from "./observe/metrics.ts";
export type { Observer, ObserverEvent, StreamEnded, StreamPhase } from "./observe/observer.ts";
