import { createRequire } from "node:module";
import { Command } from "commander";
import type { Question } from "./ask/ask.ts";
import { describeSetting, environmentHelp, examples, upstreamHelp } from "./help.ts";
import {
  commandSettingNames,
  commandSettingTable,
  flagName,
  settingFromText,
  type CommandOptions,
  type CommandSettingName,
  type CommandSettings,
} from "./settings/command-settings.ts";
import { commandOptionsFromEnvironment } from "./settings/environment.ts";
import { settingGroups } from "./settings/setting-texts.ts";

export interface ProgramParts {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly serve: (options: CommandOptions) => Promise<void>;
  readonly check: (options: CommandOptions) => Promise<void>;
  readonly ask: (options: CommandOptions, question: Question) => Promise<void>;
  readonly demo: (port: number) => Promise<void>;
  /** Reads the arguments behind its name itself. */
  readonly emulate: (args: readonly string[], version: string) => Promise<void>;
}

/** The `gatestream` command. Flags beat environment variables. */
export function createProgram(parts: ProgramParts): Command {
  const { environment, serve, check, ask, demo, emulate } = parts;
  const packageFile = createRequire(import.meta.url)("gatestream/package.json");
  const { version } = packageFile as { readonly version: string };
  const program = new Command("gatestream")
    .description("Streams LLM answers from the Genesys Cloud LLM Gateway to browsers.")
    .version(version)
    .helpCommand(false)
    // So that what stands behind `emulate` is all its own.
    .enablePositionalOptions()
    .showHelpAfterError("(gatestream --help tells more)")
    .addHelpText("after", `\n${examples}`);

  const addRelayCommand = (
    name: string,
    description: string,
    run: (options: CommandOptions) => Promise<void>,
  ): void => {
    const command = program
      .command(name)
      .description(description)
      .addHelpText("after", `\n${environmentHelp()}`);
    addSettingFlags(command);
    command.action(async (flags: SettingFlags) => {
      await run({
        ...commandOptionsFromEnvironment(environment),
        ...settingsFrom(flags),
      });
    });
  };
  addRelayCommand("serve", "start the relay", serve);
  addRelayCommand("check", "try what the relay needs, and tell what to mend", check);
  program
    .command("ask")
    .description("ask the gateway one question")
    .argument("<question>")
    .requiredOption("--configuration <id>", "which configuration of the gateway answers")
    .option("--raw", "print the gateway's own lines instead")
    .addHelpText(
      "after",
      `\nWhat came and how long it took goes to standard error.\n${upstreamHelp}`,
    )
    .action(async (text: string, flags: { configuration: string; raw?: true }) => {
      const question = { text, configurationId: flags.configuration, isRaw: flags.raw ?? false };
      await ask(commandOptionsFromEnvironment(environment), question);
    });
  program
    .command("demo")
    .description("run an emulated gateway, the relay and a chat page")
    .option("--port <number>", "where the page is [PORT]", environment["PORT"] ?? "3000")
    .action(async ({ port }: { port: string }, command: Command) => {
      if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
        command.error(`error: the port ${JSON.stringify(port)} must be a number from 0 to 65535`);
      }
      await demo(Number(port));
    });
  program
    .command("emulate")
    .usage("[options]")
    .description("run an emulated gateway to try the relay with")
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (_: object, command: Command) => {
      await emulate(command.args, version);
    });
  return program;
}

type SettingFlags = Partial<Record<CommandSettingName, string>>;

function addSettingFlags(command: Command): void {
  for (const [title, settings] of settingGroups) {
    command.optionsGroup(`${title}:`);
    for (const [name, meaning] of settings) {
      const flag = flagName(name);
      if (flag !== undefined) command.option(`${flag} <value>`, describeSetting(name, meaning));
    }
  }
}

function settingsFrom(flags: SettingFlags): Partial<CommandSettings> {
  const settings = commandSettingNames.flatMap((name) => {
    const text = flags[name];
    return text === undefined ? [] : [[name, settingFromText(commandSettingTable[name], text)]];
  });
  // The shapes are the table's; whether the values fit is checked by createRelay.
  return Object.fromEntries(settings) as Partial<CommandSettings>;
}
