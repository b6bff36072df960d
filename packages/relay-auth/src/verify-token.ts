import { createSecretKey } from "node:crypto";
import { isRelayError } from "@gatestream/relay/parts";
import {
  errors,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
} from "jose";
import { clockToleranceMs } from "./claims.ts";
import { invalidToken, refusalOf } from "./refusals.ts";
import { createRemoteKeys } from "./remote-keys.ts";
import {
  defaultAlgorithmsFor,
  defaultKeyAlgorithms,
  defaultSecretAlgorithms,
  type JwtSettings,
  readPublicKey,
} from "./settings.ts";

export interface JwtClocks {
  /** Milliseconds since 1970, for the times in tokens. @defaultValue `Date.now` */
  readonly now?: () => number;
  /** Monotonic milliseconds, for the age of keys. @defaultValue `performance.now` */
  readonly uptime?: () => number;
}

/**
 * Reads the claims of a token whose signature, times, issuer and audience are valid. It rejects with
 * a RelayError: `unauthorized`, or `overloaded` while keys cannot be fetched.
 */
export function createVerifyToken(settings: JwtSettings, clocks: JwtClocks) {
  const { jwtIssuer: issuer, jwtAudience: audience, jwtType: typ, jwtMaxLifetimeMs } = settings;
  const { now = Date.now } = clocks;
  const key = verificationKey(settings, clocks);
  const options: JWTVerifyOptions = {
    algorithms: [...key.algorithms],
    requiredClaims: jwtMaxLifetimeMs === 0 ? ["exp"] : ["exp", "iat"],
    clockTolerance: clockToleranceMs / 1000,
    ...(issuer === "" || issuer === "*" ? {} : { issuer }),
    ...(audience.length === 0 || audience.includes("*") ? {} : { audience: [...audience] }),
    ...(typ === "" ? {} : { typ }),
  };

  async function verify(token: string): Promise<JWTPayload> {
    const present = { ...options, currentDate: new Date(now()) };
    try {
      return (await jwtVerify(token, key.getKey, present)).payload;
    } catch (failure) {
      if (isRelayError(failure)) throw failure;
      if (!(failure instanceof errors.JWKSMultipleMatchingKeys)) throw refusalOf(failure);
      return verifyWithAny(failure, token, present);
    }
  }

  return async (token: string): Promise<JWTPayload> => {
    const claims = await verify(token);
    const { exp = 0, iat = 0 } = claims;
    if (jwtMaxLifetimeMs === 0 || (exp - iat) * 1000 <= jwtMaxLifetimeMs) return claims;
    throw invalidToken("The token is valid for longer than it may be.");
  };
}

/** The key that valid settings name, and the accepted algorithms: of a secret or of public keys, never of both. */
function verificationKey(
  { jwtJwksUrl, jwtSecret, jwtPublicKey, jwtAlgorithms: pinned }: JwtSettings,
  { uptime }: JwtClocks,
): { readonly getKey: JWTVerifyGetKey; readonly algorithms: readonly string[] } {
  const allowed = (usual: readonly string[]) => (pinned.length > 0 ? pinned : usual);
  if (jwtJwksUrl !== "") {
    const getKey = createRemoteKeys({ url: new URL(jwtJwksUrl), ...(uptime && { now: uptime }) });
    return { getKey, algorithms: allowed(defaultKeyAlgorithms) };
  }
  const isSecret = jwtSecret !== "";
  const key = isSecret ? createSecretKey(jwtSecret, "utf8") : readPublicKey(jwtPublicKey);
  const usual = isSecret ? defaultSecretAlgorithms : defaultAlgorithmsFor(key);
  return { getKey: () => key, algorithms: allowed(usual) };
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
