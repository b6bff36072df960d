import { errors, jwtVerify, type JWTPayload, type JWTVerifyOptions } from "jose";
import { isRelayError } from "../../errors.ts";
import { refusalOf } from "./refusals.ts";
import type { VerificationKey } from "./verification-key.ts";

export interface TokenRules {
  /** What `iss` must be; empty is anything. */
  readonly issuer: string;
  /** One of these must be in `aud`; empty is anything. */
  readonly audience: readonly string[];
  readonly clockToleranceMs: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * The claims of a token whose signature, times, issuer and audience are right.
 *
 * @throws RelayError `unauthorized`, or `overloaded` while keys cannot be fetched.
 */
export type VerifyToken = (token: string) => Promise<JWTPayload>;

export function createVerifyToken(key: VerificationKey, rules: TokenRules): VerifyToken {
  const { issuer, audience, clockToleranceMs, now } = rules;
  const options: JWTVerifyOptions = {
    algorithms: [...key.algorithms],
    requiredClaims: ["exp"],
    clockTolerance: clockToleranceMs / 1000,
    ...(issuer === "" ? {} : { issuer }),
    ...(audience.length === 0 ? {} : { audience: [...audience] }),
  };
  return async (token) => {
    const present = { ...options, currentDate: new Date(now()) };
    try {
      return (await jwtVerify(token, key.getKey, present)).payload;
    } catch (failure) {
      if (isRelayError(failure)) throw failure;
      if (!(failure instanceof errors.JWKSMultipleMatchingKeys)) throw refusalOf(failure);
      return await verifyWithAny(failure, token, present);
    }
  };
}

/** A token that does not say which of several keys it is signed with: any of them may fit. */
async function verifyWithAny(
  keys: errors.JWKSMultipleMatchingKeys,
  token: string,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  for await (const key of keys) {
    try {
      return (await jwtVerify(token, key, options)).payload;
    } catch (failure) {
      const isOfAnotherKey = failure instanceof errors.JWSSignatureVerificationFailed;
      if (!isOfAnotherKey) throw refusalOf(failure);
    }
  }
  throw refusalOf(new errors.JWSSignatureVerificationFailed());
}
