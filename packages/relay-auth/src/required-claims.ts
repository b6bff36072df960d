import { readClaimRule } from "@gatestream/relay/parts";
import type { JWTPayload } from "jose";
import { claimIn, textsIn, wordsIn } from "./claims.ts";
import { insufficientScope } from "./refusals.ts";

export interface Requirements {
  /** `name` or `name=value`. */
  readonly claims: readonly string[];
  readonly scopes: readonly string[];
}

/**
 * Checks the required claims and scopes of a token.
 *
 * @throws RelayError `forbidden`, naming the claim or the scopes that are missing.
 */
export type RequireClaims = (claims: JWTPayload) => void;

export function createRequireClaims({ claims: rules, scopes }: Requirements): RequireClaims {
  const claimRules = rules.map((rule) => readClaimRule(rule) ?? { name: rule, value: undefined });
  return (claims) => {
    for (const { name, value } of claimRules) {
      const claim = claimIn(claims, name);
      if (claim === undefined) {
        throw insufficientScope(`The token lacks the claim ${name}.`, scopes);
      }
      if (value !== undefined && !textsIn(claim).includes(value)) {
        throw insufficientScope(
          `The token's claim ${name} has another value than it must.`,
          scopes,
        );
      }
    }
    const granted = ["scope", "scp"].flatMap((name) => wordsIn(claimIn(claims, name), / +/));
    const missing = scopes.filter((scope) => !granted.includes(scope));
    if (missing.length > 0) {
      throw insufficientScope(`The token lacks the scope ${missing.join(" ")}.`, scopes);
    }
  };
}
