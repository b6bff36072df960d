import { createPublicKey, type KeyObject } from "node:crypto";

/** The key of an algorithm: a secret of at least this length, or a key of this kind. */
type Requirement = { readonly secretBytes: number } | { readonly keyKind: string };

/**
 * RFC 7518, "HMAC with SHA-2 Functions": a secret is at least as long as the hash. No algorithm takes
 * both a secret and a public key, so neither can be used as the other.
 */
const requirements = new Map<string, Requirement>([
  ["HS256", { secretBytes: 32 }],
  ["HS384", { secretBytes: 48 }],
  ["HS512", { secretBytes: 64 }],
  ["RS256", { keyKind: "rsa" }],
  ["RS384", { keyKind: "rsa" }],
  ["RS512", { keyKind: "rsa" }],
  ["PS256", { keyKind: "rsa" }],
  ["PS384", { keyKind: "rsa" }],
  ["PS512", { keyKind: "rsa" }],
  ["ES256", { keyKind: "prime256v1" }],
  ["ES384", { keyKind: "secp384r1" }],
  ["ES512", { keyKind: "secp521r1" }],
  ["EdDSA", { keyKind: "ed25519" }],
  ["Ed25519", { keyKind: "ed25519" }],
]);

/** The algorithms of public keys when `jwtAlgorithms` is empty. */
export const defaultKeyAlgorithms: readonly string[] = ["RS256", "PS256", "ES256", "EdDSA"];

export const defaultSecretAlgorithms: readonly string[] = ["HS256"];

/** The minimum length of a secret for `algorithm`; undefined when it does not use secrets. */
export function secretBytesOf(algorithm: string): number | undefined {
  const requirement = requirements.get(algorithm);
  return requirement !== undefined && "secretBytes" in requirement
    ? requirement.secretBytes
    : undefined;
}

/** The algorithms for secrets. */
export function secretAlgorithms(): string[] {
  return [...requirements.keys()].filter((algorithm) => secretBytesOf(algorithm) !== undefined);
}

/** The algorithms for public keys, or those that `key` can verify. */
export function keyAlgorithms(key?: KeyObject): string[] {
  const kind = key?.asymmetricKeyDetails?.namedCurve ?? key?.asymmetricKeyType;
  return [...requirements].flatMap(([algorithm, requirement]) =>
    "keyKind" in requirement && (key === undefined || requirement.keyKind === kind)
      ? [algorithm]
      : [],
  );
}

/** The default algorithms that `key` can verify, or all that it can when none of them is a default. */
export function defaultAlgorithmsFor(key: KeyObject): readonly string[] {
  const possible = keyAlgorithms(key);
  const defaults = defaultKeyAlgorithms.filter((algorithm) => possible.includes(algorithm));
  return defaults.length > 0 ? defaults : possible;
}

/**
 * Reads a public key or an X.509 certificate in PEM; `\n` in two characters, as environment files
 * write it, is a line break.
 *
 * @throws Error when it is neither.
 */
export function readPublicKey(pem: string): KeyObject {
  const text = pem.replaceAll(String.raw`\n`, "\n");
  // A private key would work, but the relay must not hold it.
  if (text.includes("PRIVATE KEY-----")) throw new Error("A private key is not a public one.");
  return createPublicKey(text);
}

/** The key, or undefined when it cannot be read. */
export function readPublicKeyOrNothing(pem: string): KeyObject | undefined {
  try {
    return readPublicKey(pem);
  } catch {
    // The message of the error would show parts of the text.
    return undefined;
  }
}
