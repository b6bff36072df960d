import type { Caller } from "@gatestream/relay/parts";
import type { JWTPayload } from "jose";
import { claimIn, wordsIn } from "./claims.ts";
import { invalidToken } from "./refusals.ts";

export interface CallerClaims {
  /** The claim that identifies the caller. */
  readonly subjectClaim: string;
  /** The claim that lists the `configurationId`s of the caller; empty allows every one. */
  readonly configurationsClaim: string;
  readonly clockToleranceMs: number;
}

const maxSubjectChars = 256;
/** The largest `Date`: `exp` may be any number. */
const lastMomentMs = 8_640_000_000_000_000;

/**
 * The caller that a token identifies.
 *
 * @throws RelayError `unauthorized` when it identifies none.
 */
export function claimedCaller(claims: JWTPayload, names: CallerClaims): Caller {
  const { subjectClaim, configurationsClaim, clockToleranceMs } = names;
  const { exp = 0 } = claims;
  return {
    subject: readSubject(claims, subjectClaim),
    expiresAt: Math.min(exp * 1000 + clockToleranceMs, lastMomentMs),
    ...(configurationsClaim === ""
      ? {}
      : { configurations: wordsIn(claimIn(claims, configurationsClaim), /[\s,]+/) }),
  };
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
