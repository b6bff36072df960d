import { type EmulatorClock, systemClock } from "./clock.ts";
import { type ScenarioName, isScenarioName, scenarioNames } from "./scenarios/scenario-table.ts";

/** Options of {@link createEmulator}; each has a default. */
export interface EmulatorOptions {
  /**
   * The OAuth client id that is accepted.
   * @defaultValue "demo-client"
   */
  readonly clientId?: string | undefined;
  /**
   * The secret that belongs to {@link EmulatorOptions.clientId}.
   * @defaultValue "demo-secret"
   */
  readonly clientSecret?: string | undefined;
  /**
   * The key that the endpoints of the other dialects accept; they have no token endpoint.
   * @defaultValue "demo-key"
   */
  readonly apiKey?: string | undefined;
  /**
   * What is played when the last user message does not start with `/scenario NAME`.
   * @defaultValue "answer"
   */
  readonly scenario?: ScenarioName | undefined;
  /**
   * Mean pace of an answer in tokens per second; 0 sends as fast as the reader reads, without timers.
   * @defaultValue 40
   */
  readonly tokensPerSecond?: number | undefined;
  /**
   * A whole number: the same seed and the same conversation give the same text, tokens and pacing.
   * @defaultValue 1
   */
  readonly seed?: number | undefined;
  /**
   * How long an access token is accepted, in seconds; 0 makes every token expired at birth.
   * @defaultValue 86400
   */
  readonly tokenLifetimeSeconds?: number | undefined;
  /**
   * How long `slow-headers` and `slow-first-token` keep the reader waiting, in milliseconds.
   * @defaultValue 3000
   */
  readonly slowFirstTokenMs?: number | undefined;
  /**
   * How many chats a minute the rate-limit headers allow.
   * @defaultValue 300
   */
  readonly requestsPerMinute?: number | undefined;
  /**
   * Refuses the chats beyond {@link EmulatorOptions.requestsPerMinute} with 429; else the limit is
   * only sent in headers.
   * @defaultValue false
   */
  readonly enforceRateLimit?: boolean | undefined;
  /**
   * The source of time for pacing, waiting, token expiry and the rate limit.
   * @defaultValue the system clock
   */
  readonly clock?: EmulatorClock | undefined;
}

/** The options after defaults: nothing is optional. */
export interface EmulatorSettings {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly apiKey: string;
  readonly scenario: ScenarioName;
  readonly tokensPerSecond: number;
  readonly seed: number;
  readonly tokenLifetimeSeconds: number;
  readonly slowFirstTokenMs: number;
  readonly requestsPerMinute: number;
  readonly enforceRateLimit: boolean;
  readonly clock: EmulatorClock;
}

export const emulatorDefaults: EmulatorSettings = {
  clientId: "demo-client",
  clientSecret: "demo-secret",
  apiKey: "demo-key",
  scenario: "answer",
  tokensPerSecond: 40,
  seed: 1,
  tokenLifetimeSeconds: 86_400,
  slowFirstTokenMs: 3000,
  // What the platform allows a client-credentials token.
  requestsPerMinute: 300,
  enforceRateLimit: false,
  clock: systemClock,
};

interface OptionRule {
  readonly mustBe: string;
  readonly accepts: (value: unknown) => boolean;
}

// Node turns a longer delay into 1 ms.
const longestTimerMs = 2 ** 31 - 1;

const atLeastZero = (value: unknown): boolean => Number.isFinite(value) && Number(value) >= 0;

const optionRules = {
  clientId: {
    mustBe: "a text that is not empty and has no colon",
    accepts: (value) => typeof value === "string" && /^[^:]+$/.test(value),
  },
  clientSecret: {
    mustBe: "a text that is not empty",
    accepts: (value) => typeof value === "string" && value !== "",
  },
  apiKey: {
    mustBe: "a text of visible ASCII characters without spaces",
    accepts: (value) => typeof value === "string" && /^[!-~]+$/.test(value),
  },
  scenario: {
    mustBe: `one of ${scenarioNames.join(", ")}`,
    accepts: isScenarioName,
  },
  tokensPerSecond: {
    mustBe: "0 (as fast as possible) or a number of at least 0.001",
    accepts: (value) => value === 0 || (atLeastZero(value) && Number(value) >= 0.001),
  },
  seed: { mustBe: "a whole number", accepts: (value) => Number.isSafeInteger(value) },
  tokenLifetimeSeconds: {
    mustBe: "a number of 0 or more",
    accepts: atLeastZero,
  },
  slowFirstTokenMs: {
    mustBe: `a number from 0 to ${longestTimerMs}`,
    accepts: (value) => atLeastZero(value) && Number(value) <= longestTimerMs,
  },
  requestsPerMinute: {
    mustBe: "a whole number of 1 or more",
    accepts: (value) => Number.isSafeInteger(value) && Number(value) >= 1,
  },
  enforceRateLimit: {
    mustBe: "true or false",
    accepts: (value) => typeof value === "boolean",
  },
} satisfies Record<string, OptionRule>;

export type RuledOption = keyof typeof optionRules;

// Their values stay out of messages.
const secretOptions: readonly RuledOption[] = ["clientSecret", "apiKey"];

/** What the value should have been; undefined when it is accepted. */
export function optionProblem(option: RuledOption, value: unknown): string | undefined {
  const rule: OptionRule = optionRules[option];
  return rule.accepts(value) ? undefined : rule.mustBe;
}

/**
 * Fills in the defaults.
 * @throws TypeError naming every option that cannot be used, and what it must be.
 */
export function emulatorSettings(options: EmulatorOptions): EmulatorSettings {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const settings: EmulatorSettings = { ...emulatorDefaults, ...Object.fromEntries(given) };
  const problems = (Object.keys(optionRules) as RuledOption[]).flatMap((option) => {
    const mustBe = optionProblem(option, settings[option]);
    const shown = secretOptions.includes(option) ? "" : ` (${String(settings[option])})`;
    return mustBe === undefined ? [] : [`${option}${shown} must be ${mustBe}`];
  });
  if (problems.length > 0) throw new TypeError(problems.join("; "));
  return settings;
}
