import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { expect, test } from "vitest";
import { jwtProblems, type JwtSettings } from "./settings.ts";
import { certificateOf } from "./testing/certificate.ts";
import { jwtSettings } from "./testing/jwt-settings.ts";

const jwtJwksUrl = "https://login.example.com/jwks.json";
const jwtSecret = "x".repeat(64);
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const jwtPublicKey = pem(rsa.publicKey);

function pem(key: KeyObject): string {
  return key.export({ type: key.type === "public" ? "spki" : "pkcs8", format: "pem" }).toString();
}

function problemsOf(settings: Partial<JwtSettings>): string[] {
  return jwtProblems(jwtSettings(settings));
}

test.each<[string, Partial<JwtSettings>]>([
  ["a secret", { jwtSecret }],
  ["a secret of just enough bytes, not characters", { jwtSecret: "é".repeat(16) }],
  ["a secret for every HMAC", { jwtSecret, jwtAlgorithms: ["HS256", "HS384", "HS512"] }],
  ["a key set", { jwtJwksUrl }],
  ["a key set on this machine", { jwtJwksUrl: "http://127.0.0.1:8080/jwks" }],
  ["a key set at localhost", { jwtJwksUrl: "http://localhost/jwks" }],
  ["a key set on IPv6 loopback", { jwtJwksUrl: "http://[::1]/jwks" }],
  ["a key set and a rare algorithm", { jwtJwksUrl, jwtAlgorithms: ["ES512", "Ed25519"] }],
  ["a public key", { jwtPublicKey }],
  ["a public key in one line", { jwtPublicKey: jwtPublicKey.replaceAll("\n", String.raw`\n`) }],
  ["a certificate", { jwtPublicKey: certificateOf(rsa.publicKey, rsa.privateKey) }],
  ["a public key and its algorithms", { jwtPublicKey, jwtAlgorithms: ["PS512", "RS384"] }],
  [
    "every rule about claims",
    {
      jwtSecret,
      jwtRequiredClaims: ["email", "email_verified=true", "https://example.com/role=a=b"],
      jwtRequiredScopes: ["chat.write", "https://example.com/chat"],
    },
  ],
])("%s is fine", (_what, settings) => {
  expect(problemsOf(settings)).toEqual([]);
});

test.each<[Partial<JwtSettings>, string]>([
  [{}, "There is no key to check tokens with: set one of jwtJwksUrl, jwtSecret and jwtPublicKey."],
  [
    { jwtJwksUrl, jwtPublicKey },
    "There is more than one key to check tokens with: set only one of jwtJwksUrl and jwtPublicKey.",
  ],
  [
    { jwtJwksUrl: "login.example.com" },
    "jwtJwksUrl must be a URL, such as https://login.example.com/.well-known/jwks.json.",
  ],
  [
    { jwtJwksUrl: "http://login.example.com/jwks" },
    "jwtJwksUrl must be an https URL; http is for loopback alone: who can change the keys on their way can let anybody in.",
  ],
  [
    { jwtJwksUrl: "http://127.0.0.1.example.com/jwks" },
    "jwtJwksUrl must be an https URL; http is for loopback alone: who can change the keys on their way can let anybody in.",
  ],
  [
    { jwtJwksUrl: "file:///etc/jwks.json" },
    "jwtJwksUrl must be an https URL; http is for loopback alone: who can change the keys on their way can let anybody in.",
  ],
  [
    { jwtJwksUrl: "https://user:pass@login.example.com/jwks" },
    "jwtJwksUrl must not hold a user name or password: nothing would send them.",
  ],
  [{ jwtSecret: "x".repeat(31) }, "jwtSecret must be at least 32 bytes long for HS256."],
  [
    { jwtSecret: "x".repeat(47), jwtAlgorithms: ["HS384"] },
    "jwtSecret must be at least 48 bytes long for HS384.",
  ],
  [
    { jwtSecret: "x".repeat(63), jwtAlgorithms: ["HS256", "HS512"] },
    "jwtSecret must be at least 64 bytes long for HS512.",
  ],
  [
    { jwtSecret: jwtPublicKey },
    "jwtSecret must not be a key in PEM: jwtPublicKey takes the public one.",
  ],
  [
    { jwtPublicKey: "no key" },
    "jwtPublicKey must be a public key (SPKI) or an X.509 certificate in PEM.",
  ],
  [
    { jwtPublicKey: jwtPublicKey.replace("M", "-") },
    "jwtPublicKey must be a public key (SPKI) or an X.509 certificate in PEM.",
  ],
  [
    { jwtPublicKey: pem(rsa.privateKey) },
    "jwtPublicKey must be a public key (SPKI) or an X.509 certificate in PEM.",
  ],
  [
    { jwtPublicKey: pem(generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey) },
    "jwtPublicKey must be of at least 2048 bits; it has 1024.",
  ],
  [
    { jwtPublicKey: pem(generateKeyPairSync("ec", { namedCurve: "secp256k1" }).publicKey) },
    "jwtPublicKey must be an RSA, P-256, P-384, P-521 or Ed25519 key.",
  ],
  [
    { jwtPublicKey: pem(generateKeyPairSync("ed448").publicKey) },
    "jwtPublicKey must be an RSA, P-256, P-384, P-521 or Ed25519 key.",
  ],
  [
    { jwtPublicKey, jwtAlgorithms: ["HS256", "RS256", "ES256"] },
    "jwtAlgorithms (HS256, ES256) must be of those that jwtPublicKey can check: RS256, RS384, RS512, PS256, PS384, PS512.",
  ],
  [
    { jwtSecret, jwtAlgorithms: ["HS256", "RS256", "none"] },
    "jwtAlgorithms (RS256, none) must be of those that jwtSecret can check: HS256, HS384, HS512.",
  ],
  [
    { jwtJwksUrl, jwtAlgorithms: ["HS256", "none"] },
    "jwtAlgorithms (HS256, none) must be of those that jwtJwksUrl can check: RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, Ed25519.",
  ],
  [
    { jwtSecret, jwtRequiredClaims: ["=true"] },
    "jwtRequiredClaims (=true) must be a claim's name, or name=value, such as email_verified=true.",
  ],
  [
    { jwtSecret, jwtRequiredClaims: ["role="] },
    "jwtRequiredClaims (role=) must be a claim's name, or name=value, such as email_verified=true.",
  ],
  [
    { jwtSecret, jwtRequiredClaims: ['ro"le'] },
    "jwtRequiredClaims (ro\"le) must be a claim's name, or name=value, such as email_verified=true.",
  ],
  [
    { jwtSecret, jwtRequiredScopes: ["chat write"] },
    "jwtRequiredScopes (chat write) must be a scope in visible ASCII characters, such as chat.write.",
  ],
  [
    { jwtSecret, jwtSubjectClaim: "" },
    "jwtSubjectClaim must be a claim's name in visible ASCII characters, such as sub.",
  ],
])("%j has one problem", (settings, problem) => {
  expect(problemsOf(settings)).toEqual([problem]);
});

test("all problems are reported at once", () => {
  const settings = jwtSettings({
    jwtJwksUrl: "nowhere",
    jwtSecret: "short",
    jwtAlgorithms: ["RS256"],
    jwtRequiredClaims: ["="],
  });
  expect(jwtProblems(settings)).toHaveLength(4);
});

test("no problem shows a secret or a key", () => {
  const hidden = "hunter2-hunter2-hunter2";
  const problems = problemsOf({
    jwtJwksUrl: `http://${hidden}@example.com/${hidden}`,
    jwtSecret: hidden,
    jwtPublicKey: `-----BEGIN PUBLIC KEY-----\n${hidden}\n-----END PUBLIC KEY-----`,
  });
  expect(problems.length).toBeGreaterThan(3);
  expect(problems.join()).not.toContain("hunter2");
});

test("with a JWKS URL issuer and audience must be set, or any accepted explicitly", () => {
  const none = jwtProblems(jwtSettings({ jwtJwksUrl, jwtIssuer: "", jwtAudience: [] }));
  expect(none).toEqual([
    expect.stringContaining("jwtIssuer must be set"),
    expect.stringContaining("jwtAudience must be set"),
  ]);
  expect(jwtProblems(jwtSettings({ jwtJwksUrl, jwtIssuer: "*", jwtAudience: ["*"] }))).toEqual([]);
  const mixed = jwtProblems(jwtSettings({ jwtJwksUrl, jwtAudience: ["*", "gatestream"] }));
  expect(mixed).toEqual(["jwtAudience must be * alone, or name the audiences."]);
});
