import { createRequire } from "node:module";
import { Command } from "commander";
import { relayOptionsFromEnvironment, settingFromText } from "../environment.ts";
import type { RelayOptions } from "../options.ts";
import {
  environmentName,
  flagName,
  settingNames,
  settingTable,
  type SettingName,
} from "../settings.ts";

export interface ProgramParts {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly serve: (options: RelayOptions) => Promise<void>;
}

/** The `gatestream` command. Flags beat environment variables. */
export function createProgram({ environment, serve }: ProgramParts): Command {
  const packageInfo: { version: string } = createRequire(import.meta.url)(
    "@gatestream/relay/package.json",
  );
  const program = new Command("gatestream")
    .description("Streams LLM answers from the Genesys Cloud LLM Gateway to browsers.")
    .version(packageInfo.version)
    .showHelpAfterError("(gatestream --help tells more)");

  const command = program
    .command("serve")
    .description("start the relay")
    .addHelpText("after", `\n${upstreamHelp}`);
  for (const name of settingNames) {
    command.option(`${flagName(name)} <value>`, describe(name));
  }
  command.action(async (flags: Partial<Record<SettingName, string>>) => {
    const settings = settingNames.flatMap((name) => {
      const text = flags[name];
      return text === undefined ? [] : [[name, settingFromText(name, text)]];
    });
    await serve({
      ...relayOptionsFromEnvironment(environment),
      ...Object.fromEntries(settings),
    });
  });
  return program;
}

function describe(name: SettingName): string {
  const row = settingTable[name];
  const unit = "unit" in row && row.unit !== undefined ? `, ${row.unit}` : "";
  const value = row.default === "" ? "none" : row.default;
  return `${row.meaning} (default ${value}${unit}) [${environmentName(name)}]`;
}

const upstreamHelp = `The gateway is told by environment variables, also from a .env file:
  GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET   an OAuth client (client credentials)
  GENESYS_ENVIRONMENT                        mypurecloud.de, eu-central-1, …
  GENESYS_LOGIN_URL, GENESYS_API_URL         other origins, such as an emulator's
  GENESYS_GATEWAY_PATH, GENESYS_SCOPE        when yours differ
A server that speaks OpenAI's chat completions takes its place with
  GATESTREAM_PROVIDER=openai                 instead of genesys
  OPENAI_BASE_URL                            http://127.0.0.1:11434/v1, …
  OPENAI_API_KEY                             when it wants one
  OPENAI_MODELS                              cfg-1=llama3,cfg-2=qwen3`;
