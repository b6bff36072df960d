import type { Caller } from "@gatestream/relay/parts";
import type { JwtSettings } from "./settings.ts";
import type { JWTPayload } from "jose";
import { insufficientScope, invalidToken } from "./refusals.ts";
import { readClaimRule } from "./settings.ts";

/**
 * Checks the required claims and scopes of a token. The check throws a RelayError `forbidden` that
 * names the claim or the scopes that are missing.
 */
export function createRequireClaims(
  settings: Pick<JwtSettings, "jwtRequiredClaims" | "jwtRequiredScopes">,
) {
  const { jwtRequiredClaims: rules, jwtRequiredScopes: scopes } = settings;
  const claimRules = rules.map((rule) => readClaimRule(rule) ?? { name: rule, value: undefined });
  const refuse = (message: string): never => {
    throw insufficientScope(message, scopes);
  };
  return (claims: JWTPayload): void => {
    for (const { name, value } of claimRules) {
      const claim = claimIn(claims, name);
      if (claim === undefined) refuse(`The token lacks the claim ${name}.`);
      if (value !== undefined && !textsIn(claim).includes(value)) {
        refuse(`The token's claim ${name} has another value than it must.`);
      }
    }
    const granted = ["scope", "scp"].flatMap((name) => wordsIn(claimIn(claims, name), / +/));
    const missing = scopes.filter((scope) => !granted.includes(scope));
    if (missing.length > 0) refuse(`The token lacks the scope ${missing.join(" ")}.`);
  };
}

const maxSubjectChars = 256;
/** By how much clocks may differ. */
export const clockToleranceMs = 5_000;
/** The largest `Date`: `exp` may be any number. */
const lastMomentMs = 8_640_000_000_000_000;

/**
 * The caller that a token identifies.
 *
 * @throws RelayError `unauthorized` when it identifies none.
 */
export function claimedCaller(claims: JWTPayload, settings: JwtSettings): Caller {
  const { jwtSubjectClaim, jwtConfigurationsClaim } = settings;
  const { exp = 0 } = claims;
  const subject = readSubject(claims, jwtSubjectClaim);
  const expiresAt = Math.min(exp * 1000 + clockToleranceMs, lastMomentMs);
  if (jwtConfigurationsClaim === "") return { subject, expiresAt };
  const configurations = wordsIn(claimIn(claims, jwtConfigurationsClaim), /[\s,]+/);
  return { subject, expiresAt, configurations };
}

function readSubject(claims: JWTPayload, name: string): string {
  const claim = claimIn(claims, name);
  if (claim === undefined) {
    throw invalidToken(`The token does not say who calls: it lacks the claim ${name}.`);
  }
  // Beyond the safe integers two different numbers in JSON become equal, and two subjects one caller.
  const subject = Number.isSafeInteger(claim) ? String(claim) : claim;
  if (typeof subject === "string" && subject !== "" && subject.length <= maxSubjectChars) {
    return subject;
  }
  throw invalidToken(
    `The token's claim ${name} must be text of 1 to ${maxSubjectChars} characters, or a whole number.`,
  );
}

/** The value of a claim; undefined for inherited properties and for null. */
function claimIn(claims: JWTPayload, name: string): unknown {
  return Object.hasOwn(claims, name) ? (claims[name] ?? undefined) : undefined;
}

/** The value of a claim, or the values of its array, as text; objects are left out. */
function textsIn(claim: unknown): string[] {
  const values: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  return values
    .filter((value) => ["string", "number", "boolean"].includes(typeof value))
    .map(String);
}

/** The strings of a claim that is an array, or the parts of a claim that is one string. */
function wordsIn(claim: unknown, separator: RegExp): string[] {
  const words: readonly unknown[] =
    typeof claim === "string" ? claim.split(separator) : Array.isArray(claim) ? claim : [];
  return words.filter((word): word is string => typeof word === "string" && word !== "");
}
