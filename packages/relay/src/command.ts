/**
 * `@gatestream/relay/command`: what the command `gatestream` needs besides the public API. It is not
 * for other programs: any release may change it.
 */
export { requireLoopbackHost } from "./access/origins.ts";
export { keyAlgorithms, defaultKeyAlgorithms } from "./settings/jwt-keys.ts";
export { resolveSettings, type CommandOptions } from "./settings/options.ts";
export { settingFromText } from "./settings/setting-rows.ts";
export {
  environmentName,
  flagName,
  settingGroups,
  settingNames,
  settingTable,
  type SettingName,
} from "./settings/setting-table.ts";
export { unknownVariablesWarning } from "./settings/unknown-names.ts";
export { shareOfWorker } from "./settings/workers.ts";
export { isObject, parseLine, parseObject } from "./gateway/decode/json.ts";
export { fetchAccessToken } from "./gateway/genesys/oauth.ts";
export { genesysUrls } from "./gateway/genesys/provider.ts";
export type { UpstreamSettings } from "./gateway/http-provider.ts";
export { GatewayRefusal } from "./gateway/refusal.ts";
export { joinRooms } from "./relay.ts";
export { packageVersion } from "./version.ts";
