import type { KeyObject } from "node:crypto";
import {
  keyAlgorithms,
  readPublicKeyOrNothing,
  secretAlgorithms,
  secretBytesOf,
  defaultSecretAlgorithms,
} from "./jwt-keys.ts";
import type { JwtSettings } from "./jwt-settings.ts";

const minRsaBits = 2048;

export interface ClaimRule {
  readonly name: string;
  /** The value of the claim, or one of its values when it is an array; undefined is any but null. */
  readonly value: string | undefined;
}

/** A name that `WWW-Authenticate` can contain, and an optional value. */
const ruleSyntax = /^(?<name>[!#-<>-[\]-~]+)(?:=(?<value>.+))?$/s;

/** An item of `jwtRequiredClaims`: `name` or `name=value`; undefined when it is neither. */
export function readClaimRule(text: string): ClaimRule | undefined {
  const { name, value } = ruleSyntax.exec(text)?.groups ?? {};
  return name === undefined ? undefined : { name, value };
}

/** Everything that is wrong with `settings`, a sentence each; no secret and no key is shown. */
export function jwtProblems(settings: JwtSettings): string[] {
  return [...keyProblems(settings), ...claimProblems(settings)];
}

function* keyProblems(settings: JwtSettings): Iterable<string> {
  const { jwtJwksUrl, jwtSecret, jwtPublicKey, jwtAlgorithms } = settings;
  const given = [
    ...(jwtJwksUrl === "" ? [] : ["jwtJwksUrl"]),
    ...(jwtSecret === "" ? [] : ["jwtSecret"]),
    ...(jwtPublicKey === "" ? [] : ["jwtPublicKey"]),
  ];
  if (given.length === 0) {
    yield "There is no key to check tokens with: set one of jwtJwksUrl, jwtSecret and jwtPublicKey.";
  }
  if (given.length > 1) {
    yield `There is more than one key to check tokens with: set only one of ${given.join(" and ")}.`;
  }
  if (jwtJwksUrl !== "") {
    yield* urlProblems(jwtJwksUrl);
    yield* unfitProblems(jwtAlgorithms, "jwtJwksUrl", keyAlgorithms());
    yield* tenantProblems(settings);
  }
  if (jwtSecret !== "") {
    yield* secretProblems(jwtSecret, jwtAlgorithms);
    yield* unfitProblems(jwtAlgorithms, "jwtSecret", secretAlgorithms());
  }
  if (jwtPublicKey !== "") {
    const key = readPublicKeyOrNothing(jwtPublicKey);
    if (key === undefined) {
      yield "jwtPublicKey must be a public key (SPKI) or an X.509 certificate in PEM.";
    } else {
      yield* publicKeyProblems(key, jwtAlgorithms);
    }
  }
}

function* urlProblems(text: string): Iterable<string> {
  if (!URL.canParse(text)) {
    yield "jwtJwksUrl must be a URL, such as https://login.example.com/.well-known/jwks.json.";
    return;
  }
  const { protocol, hostname, username, password } = new URL(text);
  const isLoopback = /^(?:localhost|\[::1\]|127(?:\.\d{1,3}){3})$/.test(hostname);
  if (protocol !== "https:" && !(protocol === "http:" && isLoopback)) {
    yield "jwtJwksUrl must be an https URL; http is for loopback alone: who can change the keys on their way can let anybody in.";
  }
  if (username !== "" || password !== "") {
    yield "jwtJwksUrl must not hold a user name or password: nothing would send them.";
  }
}

/** The keys of an identity provider sign the tokens of all its applications, perhaps of all its tenants. */
function* tenantProblems({ jwtIssuer, jwtAudience }: JwtSettings): Iterable<string> {
  if (jwtIssuer === "") {
    yield "jwtIssuer must be set with jwtJwksUrl: the iss of your tokens, or * to accept any issuer.";
  }
  if (jwtAudience.length === 0) {
    yield "jwtAudience must be set with jwtJwksUrl: the aud of tokens for this relay, or * to accept tokens for any application.";
  }
}

function* secretProblems(secret: string, pinned: readonly string[]): Iterable<string> {
  if (secret.includes("-----BEGIN ")) {
    yield "jwtSecret must not be a key in PEM: jwtPublicKey takes the public one.";
  }
  for (const algorithm of pinned.length > 0 ? pinned : defaultSecretAlgorithms) {
    const minBytes = secretBytesOf(algorithm) ?? 0;
    if (Buffer.byteLength(secret) < minBytes) {
      yield `jwtSecret must be at least ${minBytes} bytes long for ${algorithm}.`;
    }
  }
}

function* publicKeyProblems(key: KeyObject, pinned: readonly string[]): Iterable<string> {
  const possible = keyAlgorithms(key);
  const { modulusLength = minRsaBits } = key.asymmetricKeyDetails ?? {};
  if (possible.length === 0) {
    yield "jwtPublicKey must be an RSA, P-256, P-384, P-521 or Ed25519 key.";
  } else if (modulusLength < minRsaBits) {
    yield `jwtPublicKey must be of at least ${minRsaBits} bits; it has ${modulusLength}.`;
  } else {
    yield* unfitProblems(pinned, "jwtPublicKey", possible);
  }
}

function* unfitProblems(
  pinned: readonly string[],
  setting: string,
  possible: readonly string[],
): Iterable<string> {
  const unfit = pinned.filter((algorithm) => !possible.includes(algorithm));
  if (unfit.length > 0) {
    yield `jwtAlgorithms (${unfit.join(", ")}) must be of those that ${setting} can check: ${possible.join(", ")}.`;
  }
}

/** Characters allowed in `WWW-Authenticate`: RFC 6750, "The WWW-Authenticate Response Header Field". */
const headerText = /^[!#-[\]-~]+$/;

function* claimProblems(settings: JwtSettings): Iterable<string> {
  const { jwtAudience, jwtRequiredClaims, jwtRequiredScopes, jwtSubjectClaim } = settings;
  if (jwtAudience.includes("*") && jwtAudience.length > 1) {
    yield "jwtAudience must be * alone, or name the audiences.";
  }
  if (!headerText.test(jwtSubjectClaim)) {
    yield "jwtSubjectClaim must be a claim's name in visible ASCII characters, such as sub.";
  }
  for (const rule of jwtRequiredClaims) {
    if (readClaimRule(rule) === undefined) {
      yield `jwtRequiredClaims (${rule}) must be a claim's name, or name=value, such as email_verified=true.`;
    }
  }
  for (const scope of jwtRequiredScopes) {
    if (!headerText.test(scope)) {
      yield `jwtRequiredScopes (${scope}) must be a scope in visible ASCII characters, such as chat.write.`;
    }
  }
}
