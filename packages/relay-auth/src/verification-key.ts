import { createSecretKey } from "node:crypto";
import {
  readPublicKey,
  usualAlgorithmsFor,
  usualKeyAlgorithms,
  usualSecretAlgorithms,
  type JwtSettings,
} from "@gatestream/relay/parts";
import type { JWTVerifyGetKey } from "jose";
import { createRemoteKeys } from "./remote-keys.ts";

/** What tokens are checked with. */
export interface VerificationKey {
  readonly getKey: JWTVerifyGetKey;
  /** The algorithms that are taken: of a secret or of public keys, never of both. */
  readonly algorithms: readonly string[];
}

/** The one key that `settings` name; they have no problems. `uptime` is milliseconds. */
export function createVerificationKey(
  settings: JwtSettings,
  uptime: () => number,
): VerificationKey {
  const { jwtJwksUrl, jwtSecret, jwtPublicKey, jwtAlgorithms: pinned } = settings;
  if (jwtJwksUrl !== "") {
    const getKey = createRemoteKeys({ url: new URL(jwtJwksUrl), now: uptime });
    return { getKey, algorithms: pinned.length > 0 ? pinned : usualKeyAlgorithms };
  }
  if (jwtSecret !== "") {
    const key = createSecretKey(jwtSecret, "utf8");
    return {
      getKey: () => key,
      algorithms: pinned.length > 0 ? pinned : usualSecretAlgorithms,
    };
  }
  const key = readPublicKey(jwtPublicKey);
  return { getKey: () => key, algorithms: pinned.length > 0 ? pinned : usualAlgorithmsFor(key) };
}
