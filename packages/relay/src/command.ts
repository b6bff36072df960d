/**
 * `@gatestream/relay/command`: what the command `gatestream` needs besides the public API. It is not
 * for other programs: any release may change it.
 */
export { requireLoopbackHost } from "./admission/host-check.ts";
export { keyAlgorithms, defaultKeyAlgorithms } from "./configuration/jwt-keys.ts";
export { resolveSettings, type CommandOptions } from "./configuration/options.ts";
export { settingFromText } from "./configuration/setting-rows.ts";
export {
  environmentName,
  flagName,
  settingGroups,
  settingNames,
  settingTable,
  type SettingName,
} from "./configuration/setting-table.ts";
export { unknownVariablesWarning } from "./configuration/unknown-names.ts";
export { shareOfWorker } from "./configuration/workers.ts";
export { connectionProblem } from "./gateway/check/probe.ts";
export { probe } from "./gateway/check/probe.ts";
export { replyProblem } from "./gateway/check/probe.ts";
export { isObject, parseLine, parseObject } from "./gateway/decode/json.ts";
export { genesysHosts } from "./gateway/genesys/hosts.ts";
export { joinRooms } from "./relay.ts";
export { createProvider } from "./upstream.ts";
export { packageVersion } from "./version.ts";
