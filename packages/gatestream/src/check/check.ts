import { type Finding, OptionsError, type RelaySettings } from "@gatestream/relay";
import { createProvider } from "@gatestream/relay/command";
import { checkGenesys } from "./genesys.ts";
import { inTime } from "./in-time.ts";
import { checkKeySet } from "./key-set.ts";
import { checkPort } from "./port.ts";
import { checkRedis } from "./redis.ts";
import { resolveCommandSettings, type CommandOptions } from "../settings/command-settings.ts";

export interface CheckSurroundings {
  readonly print: (text: string) => void;
  /** For each try, in milliseconds. @defaultValue 10000 */
  readonly limitMs?: number;
  /** The names of the variables that a `.env` file has set, if one was read. */
  readonly environmentFile?: readonly string[] | undefined;
}

/**
 * Tries one after the other all that a relay with these options needs, starts nothing, and prints a
 * line for each. Resolves to the exit code.
 */
export async function check(
  options: CommandOptions,
  { print, limitMs = 10_000, environmentFile }: CheckSurroundings,
): Promise<number> {
  if (environmentFile !== undefined) print(`${inALine(environmentFinding(environmentFile))}\n`);
  let failed = 0;
  for await (const finding of findings(options, limitMs)) {
    print(`${inALine(finding)}\n`);
    if (finding.outcome === "failed") failed += 1;
  }
  print(failed === 0 ? `\nThe relay can start. ${nothingAsked}\n` : `\n${failed} failed.\n`);
  return failed === 0 ? 0 : 1;
}

const nothingAsked = "No answer was generated: gatestream ask does that.";

function environmentFinding(names: readonly string[]): Finding {
  const message = names.length === 0 ? "read; sets nothing" : `read; sets ${names.join(", ")}`;
  return { what: ".env", outcome: "ok", message };
}

async function* findings(options: CommandOptions, limitMs: number): AsyncGenerator<Finding, void> {
  let settings: RelaySettings;
  try {
    settings = resolveCommandSettings(options);
  } catch (failure) {
    if (!(failure instanceof OptionsError)) throw failure;
    for (const message of failure.problems) yield { what: "settings", outcome: "failed", message };
    return;
  }
  yield { what: "settings", outcome: "ok", message: "complete and without contradictions" };

  const { genesys, provider } = options;
  if (genesys !== undefined) {
    const run = (signal: AbortSignal) => checkGenesys(genesys, settings, signal);
    yield* inTime({ what: "upstream genesys", run }, limitMs);
  } else {
    const checked = provider ?? createProvider(options, settings);
    const { name } = checked;
    const run = (signal: AbortSignal) => checked.check?.(signal) ?? nothingToTry(name);
    yield* inTime({ what: `upstream ${name}`, run }, limitMs);
    await checked.close();
  }
  for (const { what, run } of ownTries(settings)) yield* inTime({ what, run: alone(run) }, limitMs);
}

interface Try {
  readonly what: string;
  readonly run: (signal: AbortSignal) => Promise<Finding>;
}

function* ownTries(settings: RelaySettings): Iterable<Try> {
  const { jwtJwksUrl, redisUrl } = settings;
  if (redisUrl !== "") yield { what: "Redis", run: () => checkRedis(redisUrl) };
  if (jwtJwksUrl !== "") {
    yield { what: "key set", run: (signal) => checkKeySet(settings, signal) };
  }
  yield { what: "port", run: (signal) => checkPort(settings, signal) };
}

function alone(run: Try["run"]): (signal: AbortSignal) => AsyncIterable<Finding> {
  return async function* (signal) {
    yield await run(signal);
  };
}

async function* nothingToTry(name: string): AsyncGenerator<Finding, void> {
  yield { what: `upstream ${name}`, outcome: "ok", message: "has nothing that could be tried" };
}

const heads = { ok: "ok     ", warning: "warning", failed: "FAILED " };

function inALine({ what, outcome, message }: Finding): string {
  // It contains text from servers, which must not control the terminal.
  return `${heads[outcome]} ${what}: ${message}`.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
}
