import type { Caller } from "@gatestream/relay/parts";
import type { JWTPayload } from "jose";
import { claimIn, wordsIn } from "./claims.ts";
import { invalidToken } from "./refusals.ts";

export interface CallerClaims {
  /** Which claim says who it is. */
  readonly subjectClaim: string;
  /** Which claim lists the `configurationId`s; empty is none: they may use every one. */
  readonly configurationsClaim: string;
  readonly clockToleranceMs: number;
}

const maxSubjectChars = 256;
/** The last moment of a `Date`: an expiry may be any number. */
const lastMomentMs = 8_640_000_000_000_000;

/**
 * Who a token says that its bearer is.
 *
 * @throws RelayError `unauthorized` when it does not say.
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
  // Beyond the safe integers, two numbers of JSON may be one here, and two subjects one caller.
  const subject = Number.isSafeInteger(claim) ? String(claim) : claim;
  if (typeof subject === "string" && subject !== "" && subject.length <= maxSubjectChars) {
    return subject;
  }
  throw invalidToken(
    `The token's claim ${name} must be text of 1 to ${maxSubjectChars} characters, or a whole number.`,
  );
}
