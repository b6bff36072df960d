import type { DialectName } from "../dialects/dialect.ts";
import * as framing from "./framing.ts";
import { gzip } from "./gzip.ts";
import * as interrupted from "./interrupted.ts";
import * as late from "./late-answers.ts";
import * as notAStream from "./not-a-stream.ts";
import * as onlyGenesys from "./only-genesys.ts";
import * as refusals from "./refusals.ts";
import * as byRate from "./refusals-by-rate.ts";
import type { Scenario } from "./scenario.ts";
import * as typed from "./typed.ts";
import * as whole from "./whole-answers.ts";

const table = {
  answer: whole.answer,
  "every-byte": framing.everyByte,
  "many-objects-a-line": onlyGenesys.manyObjectsALine,
  "crlf-bom": framing.crlfBom,
  "no-final-newline": framing.noFinalNewline,
  sse: onlyGenesys.sse,
  delta: onlyGenesys.delta,
  done: onlyGenesys.done,
  "unknown-type": onlyGenesys.unknownType,
  reasoning: typed.reasoning,
  "tool-call": typed.toolCall,
  sources: typed.sources,
  file: typed.file,
  usage: typed.usage,
  length: whole.length,
  gzip,
  "big-token": whole.bigToken,
  "many-tokens": whole.manyTokens,
  "huge-line": framing.hugeLine,
  "malformed-line": interrupted.malformedLine,
  "error-in-middle": interrupted.errorInMiddle,
  "no-stop": interrupted.noStop,
  cut: interrupted.cut,
  stall: interrupted.stall,
  "slow-first-token": late.slowFirstToken,
  "slow-headers": late.slowHeaders,
  silent: late.silent,
  html: notAStream.html,
  empty: notAStream.empty,
  "no-content": notAStream.noContent,
  "unauthorized-once": refusals.unauthorizedOnce,
  "unauthorized-always": refusals.unauthorizedAlways,
  "rate-limited-seconds": byRate.rateLimitedSeconds,
  "rate-limited-date": byRate.rateLimitedDate,
  "rate-limited-reset": byRate.rateLimitedReset,
  "rate-limited-message": byRate.rateLimitedMessage,
  "rate-limited-bare": byRate.rateLimitedBare,
  "rate-limited-always": byRate.rateLimitedAlways,
  "rate-limited-half": byRate.rateLimitedHalf,
  "unavailable-twice": refusals.unavailableTwice,
  "unavailable-always": refusals.unavailableAlways,
  "bad-request": refusals.badRequest,
  "bad-request-echo": refusals.badRequestEcho,
  forbidden: refusals.forbidden,
  "token-endpoint-down": onlyGenesys.tokenEndpointDown,
} satisfies Record<string, Scenario>;

/** The name of one way in which the emulator can answer; {@link scenarioNames} has them all. */
export type ScenarioName = keyof typeof table;

export const scenarioTable: Readonly<Record<ScenarioName, Scenario>> = table;

/** Every scenario, in the order of the documentation. */
export const scenarioNames: readonly ScenarioName[] = Object.keys(table) as ScenarioName[];

export function isScenarioName(name: unknown): name is ScenarioName {
  return scenarioNames.some((known) => known === name);
}

const dialectNames: readonly DialectName[] = ["genesys", "openai", "openai-responses", "anthropic"];

/** Which endpoints can play a scenario; the others refuse it with 400. */
export function scenarioDialects(name: ScenarioName): readonly DialectName[] {
  return scenarioTable[name].dialects ?? dialectNames;
}

/** The same in words. */
export function scenarioDialectsText(name: ScenarioName): string {
  return scenarioTable[name].dialects?.join(", ") ?? "all";
}

/** What a scenario does, in one line. */
export function scenarioSummary(name: ScenarioName): string {
  return scenarioTable[name].summary;
}
