import { createSecretKey } from "node:crypto";
import {
  readPublicKey,
  defaultAlgorithmsFor,
  defaultKeyAlgorithms,
  defaultSecretAlgorithms,
  type JwtSettings,
} from "@gatestream/relay/parts";
import type { JWTVerifyGetKey } from "jose";
import { createRemoteKeys } from "./remote-keys.ts";

/** The key that tokens are verified with. */
export interface VerificationKey {
  readonly getKey: JWTVerifyGetKey;
  /** The accepted algorithms: of a secret or of public keys, never of both. */
  readonly algorithms: readonly string[];
}

/** The key that valid `settings` name. `uptime` is milliseconds. */
export function createVerificationKey(
  settings: JwtSettings,
  uptime: () => number,
): VerificationKey {
  const { jwtJwksUrl, jwtSecret, jwtPublicKey, jwtAlgorithms: pinned } = settings;
  if (jwtJwksUrl !== "") {
    const getKey = createRemoteKeys({ url: new URL(jwtJwksUrl), now: uptime });
    return { getKey, algorithms: pinned.length > 0 ? pinned : defaultKeyAlgorithms };
  }
  if (jwtSecret !== "") {
    const key = createSecretKey(jwtSecret, "utf8");
    return {
      getKey: () => key,
      algorithms: pinned.length > 0 ? pinned : defaultSecretAlgorithms,
    };
  }
  const key = readPublicKey(jwtPublicKey);
  return { getKey: () => key, algorithms: pinned.length > 0 ? pinned : defaultAlgorithmsFor(key) };
}
