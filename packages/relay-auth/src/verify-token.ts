import { isRelayError } from "@gatestream/relay/parts";
import { errors, jwtVerify, type JWTPayload, type JWTVerifyOptions } from "jose";
import { invalidToken, refusalOf } from "./refusals.ts";
import type { VerificationKey } from "./verification-key.ts";

export interface TokenRules {
  /** The required `iss`; empty and `*` accept any. */
  readonly issuer: string;
  /** One of these must be in `aud`; empty and `*` accept any. */
  readonly audience: readonly string[];
  /** The required `typ`; empty accepts any. */
  readonly type: string;
  /** The longest time between `iat` and `exp`; 0 is no limit. */
  readonly maxLifetimeMs: number;
  readonly clockToleranceMs: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * The claims of a token whose signature, times, issuer and audience are valid.
 *
 * @throws RelayError `unauthorized`, or `overloaded` while keys cannot be fetched.
 */
export type VerifyToken = (token: string) => Promise<JWTPayload>;

export function createVerifyToken(key: VerificationKey, rules: TokenRules): VerifyToken {
  const { issuer, audience, type, maxLifetimeMs, clockToleranceMs, now } = rules;
  const options: JWTVerifyOptions = {
    algorithms: [...key.algorithms],
    requiredClaims: maxLifetimeMs === 0 ? ["exp"] : ["exp", "iat"],
    clockTolerance: clockToleranceMs / 1000,
    ...(issuer === "" || issuer === "*" ? {} : { issuer }),
    ...(audience.length === 0 || audience.includes("*") ? {} : { audience: [...audience] }),
    ...(type === "" ? {} : { typ: type }),
  };

  /** @throws RelayError `unauthorized` */
  function withinLifetime(claims: JWTPayload): JWTPayload {
    const { exp = 0, iat = 0 } = claims;
    if (maxLifetimeMs === 0 || (exp - iat) * 1000 <= maxLifetimeMs) return claims;
    throw invalidToken("The token is valid for longer than it may be.");
  }

  return async (token) => {
    const present = { ...options, currentDate: new Date(now()) };
    try {
      return withinLifetime((await jwtVerify(token, key.getKey, present)).payload);
    } catch (failure) {
      if (isRelayError(failure)) throw failure;
      if (!(failure instanceof errors.JWKSMultipleMatchingKeys)) throw refusalOf(failure);
      return withinLifetime(await verifyWithAny(failure, token, present));
    }
  };
}

/** A token without a key id, while several keys could fit: each is tried. */
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
