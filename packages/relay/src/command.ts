/**
 * `@gatestream/relay/command`: what the command `gatestream` needs besides the public API. It is not
 * for other programs: any release may change it.
 */
export { requireLoopbackHost } from "./access/origins.ts";
export { nearMiss } from "./settings/name-hint.ts";
export { checkOptions, environmentFindings, type EnvironmentFindings } from "./settings/options.ts";
export { environmentName, label, readSettings, type Setting } from "./settings/setting.ts";
export { settingTable, upstreamTables, type UpstreamName } from "./settings/setting-table.ts";
export { isObject, parseLine, parseObject } from "./json.ts";
export { fetchAccessToken } from "./gateway/genesys/oauth.ts";
export { genesysUrls } from "./gateway/genesys/provider.ts";
export type { UpstreamSettings } from "./gateway/http-provider.ts";
export { GatewayRefusal } from "./gateway/refusal.ts";
export { assembleRelay, createProvider } from "./relay.ts";
export { packageVersion } from "./optional-packages.ts";
