import { createPublicKey, type KeyObject } from "node:crypto";

/** What an algorithm signs with: a secret of so many bytes or more, or a key of this kind. */
type Requirement = { readonly secretBytes: number } | { readonly keyKind: string };

/**
 * RFC 7518, "HMAC with SHA-2 Functions": a secret is at least as long as the hash. No algorithm is
 * for both a secret and a public key, so neither is ever taken for the other.
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

/** What is taken of public keys when nothing is said. */
export const usualKeyAlgorithms: readonly string[] = ["RS256", "PS256", "ES256", "EdDSA"];

export const usualSecretAlgorithms: readonly string[] = ["HS256"];

/** How long a secret must be for `algorithm`, in bytes; undefined when it is not for secrets. */
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

/** The algorithms for public keys, or for `key` alone; none when nothing can be done with it. */
export function keyAlgorithms(key?: KeyObject): string[] {
  const kind = key?.asymmetricKeyDetails?.namedCurve ?? key?.asymmetricKeyType;
  return [...requirements].flatMap(([algorithm, requirement]) =>
    "keyKind" in requirement && (key === undefined || requirement.keyKind === kind)
      ? [algorithm]
      : [],
  );
}

/** The usual algorithms for `key`, or all of them when none of the usual ones is for its kind. */
export function usualAlgorithmsFor(key: KeyObject): readonly string[] {
  const possible = keyAlgorithms(key);
  const usual = usualKeyAlgorithms.filter((algorithm) => possible.includes(algorithm));
  return usual.length > 0 ? usual : possible;
}

/**
 * Reads a public key or an X.509 certificate in PEM; `\n` in two characters, as environment files
 * write it, is a line break.
 *
 * @throws Error when it is neither.
 */
export function readPublicKey(pem: string): KeyObject {
  const text = pem.replaceAll(String.raw`\n`, "\n");
  // A private key would do, and would then lie on a machine that has no need of it.
  if (text.includes("PRIVATE KEY-----")) throw new Error("A private key is not a public one.");
  return createPublicKey(text);
}

/** The key, or undefined when it cannot be read. */
export function readPublicKeyOrNothing(pem: string): KeyObject | undefined {
  try {
    return readPublicKey(pem);
  } catch {
    // Its message would show parts of the text; that it is no key is all there is to tell.
    return undefined;
  }
}
