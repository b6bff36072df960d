import { Command, CommanderError, InvalidArgumentError, Option } from "commander";

import {
  type EmulatorOptions,
  type RuledOption,
  emulatorDefaults,
  optionProblem,
} from "./emulator-options.ts";
import type { ListenOptions } from "./http/listener.ts";
import {
  scenarioDialectsText,
  scenarioNames,
  scenarioSummary,
} from "./scenarios/scenario-table.ts";

/** What the arguments ask for: to start, or to print something and leave. */
export type CommandLine =
  | { readonly type: "start"; readonly emulator: EmulatorOptions; readonly listen: ListenOptions }
  | { readonly type: "print"; readonly text: string }
  | { readonly type: "refuse"; readonly text: string };

/** What the command says of itself. */
export interface CommandInfo {
  readonly name: string;
  readonly version: string;
}

interface Flags extends EmulatorOptions {
  readonly port: number;
  readonly host: string;
}

const defaultPort = 4010;
const defaultHost = "127.0.0.1";
const highestPort = 65_535;

/** Reads the arguments that follow the command's name; prints nothing and never exits. */
export function readCommandLine(args: readonly string[], info: CommandInfo): CommandLine {
  let text = "";
  const collect = (piece: string): void => void (text += piece);
  const command = describeCommand(info)
    .exitOverride()
    .configureOutput({ writeOut: collect, writeErr: collect });
  try {
    command.parse(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { type: error.exitCode === 0 ? "print" : "refuse", text };
  }
  const { port, host, ...emulator } = command.opts<Flags>();
  return { type: "start", emulator, listen: { port, host } };
}

function describeCommand({ name, version }: CommandInfo): Command {
  const defaults = emulatorDefaults;
  return new Command(name)
    .description(
      "Emulates the Genesys Cloud LLM Gateway: its token endpoint and its chat endpoint, and the " +
        "endpoints of OpenAI (chat completions, Responses) and Anthropic (Messages).",
    )
    .option("--port <number>", "TCP port; 0 takes a free one", readPort, defaultPort)
    .option("--host <address>", "address to bind", defaultHost)
    .option("--client-id <id>", "accepted client id", checked("clientId"), defaults.clientId)
    .option(
      "--client-secret <secret>",
      "accepted client secret",
      checked("clientSecret"),
      defaults.clientSecret,
    )
    .option("--api-key <key>", "accepted API key", checked("apiKey"), defaults.apiKey)
    .option("--seed <number>", "same seed, same answers", numeric("seed"), defaults.seed)
    .option(
      "--tokens-per-second <number>",
      "mean pace of an answer; 0 is as fast as possible",
      numeric("tokensPerSecond"),
      defaults.tokensPerSecond,
    )
    .option(
      "--token-lifetime-seconds <number>",
      "how long an access token is accepted",
      numeric("tokenLifetimeSeconds"),
      defaults.tokenLifetimeSeconds,
    )
    .option(
      "--requests-per-minute <number>",
      "how many chats the rate-limit headers allow",
      numeric("requestsPerMinute"),
      defaults.requestsPerMinute,
    )
    .option(
      "--enforce-rate-limit",
      "refuse the chats beyond it with 429",
      defaults.enforceRateLimit,
    )
    .addOption(
      new Option("--scenario <name>", "what is played unless a message says otherwise")
        .default(defaults.scenario)
        .argParser(checked("scenario")),
    )
    .version(version)
    .allowExcessArguments(false)
    .addHelpText("after", `\n${scenarioHelp()}`);
}

function scenarioHelp(): string {
  const width = Math.max(...scenarioNames.map((name) => name.length));
  const dialectsWidth = Math.max(...scenarioNames.map((name) => scenarioDialectsText(name).length));
  const rows = scenarioNames.map((name) => {
    const dialects = scenarioDialectsText(name);
    return `  ${name.padEnd(width)}  ${dialects.padEnd(dialectsWidth)}  ${scenarioSummary(name)}`;
  });
  return [
    "Scenarios, for --scenario or at the start of a message as “/scenario NAME question”, and the",
    "endpoints that play them:",
    ...rows,
  ].join("\n");
}

function checked(option: RuledOption): (value: string) => string {
  return (value) => accepted(option, value);
}

function numeric(option: RuledOption): (value: string) => number {
  return (value) => accepted(option, numberOf(value));
}

function accepted<T>(option: RuledOption, value: T): T {
  const mustBe = optionProblem(option, value);
  if (mustBe !== undefined) throw new InvalidArgumentError(`It must be ${mustBe}.`);
  return value;
}

function readPort(value: string): number {
  const port = numberOf(value);
  if (Number.isInteger(port) && port >= 0 && port <= highestPort) return port;
  throw new InvalidArgumentError(`It must be a whole number from 0 to ${highestPort}.`);
}

/** `Number("")` would be 0. */
function numberOf(value: string): number {
  return value.trim() === "" ? NaN : Number(value);
}
