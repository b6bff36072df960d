import { createPublicKey, type KeyObject } from "node:crypto";
import type { Setting, SettingsOf } from "@gatestream/relay/parts";

// `@gatestream/relay-auth/settings`: the settings of tokens, and what must be right before the relay
// starts. The relay's build inlines it, so that `createRelay` reports all problems at once: it may
// import nothing but Node.

const anyText = { default: "", pattern: /^[^]*$/, must: "be text" };
const line = { default: "", pattern: /^[^\r\n]*$/, must: "be one line" };
const none: readonly string[] = [];
const list = { default: none, pattern: /^[^\s,]+$/, must: "be a list without blanks" };

/** Rows of the relay's table of settings. */
export const jwtSettingTable = {
  /** Where the keys of tokens are published (RFC 7517). @defaultValue none */
  jwtJwksUrl: { default: "", pattern: /^(?:https?:\/\/\S+)?$/, must: "be a URL" },
  /** The shared secret that signs tokens, as text. Never sent. @defaultValue none */
  jwtSecret: { ...anyText, secret: true },
  /**
   * The public key of tokens: PEM, SPKI or X.509; `\n` may stand for a line break.
   * @defaultValue none
   */
  jwtPublicKey: anyText,
  /**
   * What `iss` must be; `*` is any issuer. Required with `jwtJwksUrl`.
   * @defaultValue any, with a secret or a public key
   */
  jwtIssuer: line,
  /**
   * One of these must be in `aud`; `*` alone is any audience. Required with `jwtJwksUrl`: an identity
   * provider signs the tokens of all its applications with the same keys.
   * @defaultValue any, with a secret or a public key
   */
  jwtAudience: list,
  /**
   * What the header parameter `typ` must be: `at+jwt` for access tokens (RFC 9068), so that ID tokens
   * are refused. @defaultValue any, or none
   */
  jwtType: line,
  /**
   * The longest time between `iat` and `exp`; a token without `iat` is refused then.
   * @defaultValue 0: no limit
   */
  jwtMaxLifetimeMs: { default: 0, min: 0, max: 2_147_483_647, unit: "ms" },
  /** Algorithms that are taken. @defaultValue HS256 of a secret; those that fit, of a public key */
  jwtAlgorithms: list,
  /** Claims that must be there, as `name` or `name=value`. @defaultValue none */
  jwtRequiredClaims: list,
  /** Scopes that must all be in `scope` or `scp`. @defaultValue none */
  jwtRequiredScopes: list,
  /** The claim that holds the subject. @defaultValue `"sub"` */
  jwtSubjectClaim: { default: "sub", pattern: /^\S+$/, must: "be a claim's name" },
  /** Which claim lists the `configurationId`s that its bearer may use. @defaultValue none: every one */
  jwtConfigurationsClaim: { ...line, pattern: /^\S*$/ },
  /** The HttpOnly cookie that may carry the token. @defaultValue none: only `Authorization` */
  jwtCookie: { default: "", pattern: /^[\w!#$%&'*+.^`|~-]*$/, must: "be a cookie's name" },
} satisfies Readonly<Record<string, Setting>>;

/** How tokens are checked. */
export type JwtSettings = SettingsOf<typeof jwtSettingTable>;

// No algorithm takes both a secret and a public key, so neither can be used as the other.

/** RFC 7518, "HMAC with SHA-2 Functions": a secret is at least as long as the hash, in bytes. */
const secretBytes: Readonly<Record<string, number>> = { HS256: 32, HS384: 48, HS512: 64 };
const keyKinds: Readonly<Record<string, string>> = {
  RS256: "rsa",
  RS384: "rsa",
  RS512: "rsa",
  PS256: "rsa",
  PS384: "rsa",
  PS512: "rsa",
  ES256: "prime256v1",
  ES384: "secp384r1",
  ES512: "secp521r1",
  EdDSA: "ed25519",
  Ed25519: "ed25519",
};
const minRsaBits = 2048;

/** The algorithms of public keys when `jwtAlgorithms` is empty. */
export const defaultKeyAlgorithms: readonly string[] = ["RS256", "PS256", "ES256", "EdDSA"];

export const defaultSecretAlgorithms: readonly string[] = ["HS256"];

/** The algorithms for public keys, or those that `key` can verify. */
export function keyAlgorithms(key?: KeyObject): string[] {
  const kind = key?.asymmetricKeyDetails?.namedCurve ?? key?.asymmetricKeyType;
  return Object.keys(keyKinds).filter(
    (algorithm) => key === undefined || keyKinds[algorithm] === kind,
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
 * @throws Error when it is neither; its message may show parts of `pem`.
 */
export function readPublicKey(pem: string): KeyObject {
  const text = pem.replaceAll(String.raw`\n`, "\n");
  // A private key would work, but the relay must not hold it.
  if (text.includes("PRIVATE KEY-----")) throw new Error("A private key is not a public one.");
  return createPublicKey(text);
}

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
  const { jwtJwksUrl, jwtPublicKey, jwtSecret, jwtAlgorithms } = settings;
  const keys = ["jwtJwksUrl", "jwtSecret", "jwtPublicKey"] as const;
  const given = keys.filter((name) => settings[name] !== "");
  if (given.length === 0) {
    yield "There is no key to check tokens with: set one of jwtJwksUrl, jwtSecret and jwtPublicKey.";
  }
  if (given.length > 1) {
    yield `There is more than one key to check tokens with: set only one of ${given.join(" and ")}.`;
  }
  if (jwtJwksUrl !== "") {
    yield* jwksUrlProblems(settings);
    yield* unfitProblems(jwtAlgorithms, "jwtJwksUrl", keyAlgorithms());
  }
  if (jwtSecret !== "") {
    yield* secretProblems(jwtSecret, jwtAlgorithms);
    yield* unfitProblems(jwtAlgorithms, "jwtSecret", Object.keys(secretBytes));
  }
  if (jwtPublicKey !== "") yield* publicKeyProblems(jwtPublicKey, jwtAlgorithms);
}

function* jwksUrlProblems(settings: JwtSettings): Iterable<string> {
  const { jwtJwksUrl, jwtIssuer, jwtAudience } = settings;
  if (!URL.canParse(jwtJwksUrl)) {
    yield "jwtJwksUrl must be a URL, such as https://login.example.com/.well-known/jwks.json.";
  } else {
    const { protocol, hostname, username, password } = new URL(jwtJwksUrl);
    const isLoopback = /^(?:localhost|\[::1\]|127(?:\.\d{1,3}){3})$/.test(hostname);
    if (protocol !== "https:" && !(protocol === "http:" && isLoopback)) {
      yield "jwtJwksUrl must be an https URL; http is for loopback alone: who can change the keys on their way can let anybody in.";
    }
    if (username !== "" || password !== "") {
      yield "jwtJwksUrl must not hold a user name or password: nothing would send them.";
    }
  }
  // The keys of an identity provider sign the tokens of all its applications, perhaps of all its tenants.
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
    const minBytes = secretBytes[algorithm] ?? 0;
    if (Buffer.byteLength(secret) < minBytes) {
      yield `jwtSecret must be at least ${minBytes} bytes long for ${algorithm}.`;
    }
  }
}

function* publicKeyProblems(pem: string, pinned: readonly string[]): Iterable<string> {
  let key: KeyObject;
  try {
    key = readPublicKey(pem);
  } catch {
    // The message of the error would show parts of the text.
    yield "jwtPublicKey must be a public key (SPKI) or an X.509 certificate in PEM.";
    return;
  }
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
