import { environmentName } from "@gatestream/relay/command";
import {
  commandSettingTable,
  flagName,
  type CommandSettingName,
} from "./settings/command-settings.ts";
import { settingGroups } from "./settings/setting-texts.ts";

/** A setting as its flag's help shows it. */
export function describeSetting(name: CommandSettingName, meaning: string): string {
  const setting = commandSettingTable[name];
  const unit = "unit" in setting && setting.unit !== undefined ? `, ${setting.unit}` : "";
  const value = String(setting.default) || "none";
  return `${meaning} (default ${value}${unit}) [${environmentName(name)}]`;
}

/** What has variables but no flags. */
export function environmentHelp(): string {
  const secrets = settingGroups
    .flatMap(([, settings]) => settings)
    .filter(([name]) => flagName(name) === undefined)
    .map(([name, meaning]) => `  ${environmentName(name).padEnd(41)}  ${meaning}`);
  return `${upstreamHelp}
Others would see these on a command line:
${secrets.join("\n")}`;
}

export const upstreamHelp = `The gateway is told by environment variables, also from a .env file:
  GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET   an OAuth client (client credentials)
  GENESYS_ENVIRONMENT                        mypurecloud.de, eu-central-1, …
  GENESYS_LOGIN_URL, GENESYS_API_URL         other origins, such as an emulator's
  GENESYS_GATEWAY_PATH, GENESYS_SCOPE        when yours differ
  GENESYS_SEND_METADATA                      whether the metadata of requests is sent on [false]
A server that speaks OpenAI's chat completions takes its place with
  GATESTREAM_PROVIDER=openai                 instead of genesys
  OPENAI_BASE_URL                            http://127.0.0.1:11434/v1, …
  OPENAI_API_KEY                             when it wants one
  OPENAI_MODELS                              cfg-1=llama3,cfg-2=qwen3
  OPENAI_INCLUDE_USAGE                       whether stream_options asks for the usage [true]
  OPENAI_SEND_METADATA                       whether the metadata of requests is sent on [false]
One that speaks OpenAI's Responses does with GATESTREAM_PROVIDER=openai-responses, the same
variables and
  OPENAI_BACKGROUND                          whether it answers in the background [false]
One that speaks Anthropic's Messages does with
  GATESTREAM_PROVIDER=anthropic              instead of genesys
  ANTHROPIC_API_KEY                          the key
  ANTHROPIC_BASE_URL                         when it is not https://api.anthropic.com
  ANTHROPIC_MODELS                           cfg-1=claude-sonnet-4-5,…
  ANTHROPIC_MAX_TOKENS                       the longest answer where a request does not say [8192]`;

export const examples = `Each command has its own --help. Without an account, gatestream demo; or in two terminals:
  gatestream emulate --port 4010
  GENESYS_LOGIN_URL=http://127.0.0.1:4010 GENESYS_API_URL=http://127.0.0.1:4010 \\
    GENESYS_CLIENT_ID=demo-client GENESYS_CLIENT_SECRET=demo-secret gatestream serve`;
