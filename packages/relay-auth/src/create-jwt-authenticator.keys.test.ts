import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { expect, test } from "vitest";
import { certificateOf } from "./testing/certificate.ts";
import { jwtSettings } from "./testing/jwt-settings.ts";
import { createJwtAuthenticator } from "./create-jwt-authenticator.ts";
import { requestWith } from "./testing/bare-request.ts";
import { startIssuer, type RotateOptions } from "./testing/issuer.ts";
import { authenticatorWith, nowMs, secret, sign } from "./testing/jwt-under-test.ts";
import { refusalBy } from "./testing/refusal-by.ts";

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });

function pem(key: KeyObject): string {
  return key.export({ type: "spki", format: "pem" }).toString();
}

/** An authenticator of one public key, at the moment that tokens are made for. */
function authenticatorOf(jwtPublicKey: string, jwtAlgorithms: readonly string[] = []) {
  return authenticatorWith({ jwtSecret: "", jwtPublicKey, jwtAlgorithms });
}

test.each([
  ["RS256", rsa, []],
  ["PS256", rsa, []],
  ["RS512", rsa, ["RS512"]],
  ["ES256", generateKeyPairSync("ec", { namedCurve: "P-256" }), []],
  ["ES384", generateKeyPairSync("ec", { namedCurve: "P-384" }), []],
  ["ES512", generateKeyPairSync("ec", { namedCurve: "P-521" }), []],
  ["EdDSA", generateKeyPairSync("ed25519"), []],
  ["Ed25519", generateKeyPairSync("ed25519"), ["Ed25519"]],
])("a token signed with %s is checked with its public key", async (alg, keys, pinned) => {
  const authenticate = authenticatorOf(pem(keys.publicKey), pinned);
  const token = await sign({}, keys.privateKey, { alg });
  expect(await authenticate(requestWith(token))).toMatchObject({ subject: "user-1" });
});

test("a key in one line, as environment files have it, and a certificate are read", async () => {
  const token = await sign({}, rsa.privateKey, { alg: "RS256" });
  const oneLine = pem(rsa.publicKey).replaceAll("\n", String.raw`\n`);
  for (const key of [oneLine, certificateOf(rsa.publicKey, rsa.privateKey)]) {
    expect(await authenticatorOf(key)(requestWith(token))).toMatchObject({ subject: "user-1" });
  }
});

test("a token of another key is refused", async () => {
  const own = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const other = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const token = await sign({}, other.privateKey, { alg: "ES256" });
  const refusal = await refusalBy(() => authenticatorOf(pem(own.publicKey))(requestWith(token)));
  expect(refusal.message).toContain("signature does not fit");
});

test("an algorithm that is not usual is not taken unless it is pinned", async () => {
  const token = await sign({}, rsa.privateKey, { alg: "RS512" });
  const refusal = await refusalBy(() => authenticatorOf(pem(rsa.publicKey))(requestWith(token)));
  expect(refusal.message).toContain("algorithm");
});

test.each(["HS256", "HS384", "HS512"])(
  "algorithm confusion: a public key is no secret of %s",
  async (alg) => {
    const key = pem(rsa.publicKey);
    const authenticate = authenticatorOf(key);
    const secrets = [key, key.trim(), rsa.publicKey.export({ type: "spki", format: "der" })];
    for (const publicSecret of secrets) {
      const token = await sign({}, Buffer.from(publicSecret), { alg });
      expect(await refusalBy(() => authenticate(requestWith(token)))).toMatchObject({
        code: "unauthorized",
        message: "The token is signed with an algorithm that is not taken here.",
      });
    }
  },
);

test("algorithm confusion: a secret checks no token of a key pair", async () => {
  const token = await sign({}, rsa.privateKey, { alg: "RS256" });
  const refusal = await refusalBy(() => authenticatorWith()(requestWith(token)));
  expect(refusal.message).toContain("algorithm");
});

/** An issuer, and an authenticator that knows where its keys are. */
async function issuerUnderTest(first?: RotateOptions) {
  const issuer = await startIssuer(first);
  let uptime = 0;
  const authenticate = createJwtAuthenticator(jwtSettings({ jwtJwksUrl: issuer.jwksUrl }), {
    now: () => nowMs,
    uptime: () => uptime,
  });
  return {
    ...issuer,
    authenticate: async (token: string) => await authenticate(requestWith(token)),
    pass(ms: number) {
      uptime += ms;
    },
  };
}

test("a token is checked with the keys that its issuer publishes", async () => {
  await using issuer = await issuerUnderTest();
  const token = await issuer.sign({ sub: "user-2" });
  expect(await issuer.authenticate(token)).toMatchObject({ subject: "user-2" });
});

test("an issuer may change its keys while the relay runs", async () => {
  await using issuer = await issuerUnderTest();
  const old = await issuer.sign();
  await issuer.authenticate(old);
  issuer.rotate({ kid: "key-2" });
  issuer.pass(30_000);
  expect(await issuer.authenticate(await issuer.sign())).toMatchObject({ subject: "user-1" });
  expect((await refusalBy(() => issuer.authenticate(old))).message).toBe(
    "The token is signed with a key that is not known here.",
  );
});

test("tokens of unknown keys do not become requests to their issuer", async () => {
  await using issuer = await issuerUnderTest();
  const tokens = await Promise.all(
    Array.from({ length: 30 }, (_, index) => issuer.signWithUnknownKey(`stranger-${index}`)),
  );
  await Promise.all(
    tokens.map(async (token) => {
      expect(await refusalBy(() => issuer.authenticate(token))).toMatchObject({
        code: "unauthorized",
        status: 401,
      });
    }),
  );
  expect(issuer.requestCount()).toBe(1);
});

test("a token without the name of its key is tried with every key that may fit", async () => {
  await using issuer = await issuerUnderTest({});
  const old = await issuer.sign({ sub: "old" });
  issuer.rotate({ keepsOthers: true });
  const recent = await issuer.sign({ sub: "recent" });
  expect(await issuer.authenticate(old)).toMatchObject({ subject: "old" });
  expect(await issuer.authenticate(recent)).toMatchObject({ subject: "recent" });
  const expired = await issuer.sign({ exp: 1 });
  expect((await refusalBy(() => issuer.authenticate(expired))).message).toContain("expired");
  issuer.rotate();
  const foreign = await issuer.sign();
  expect((await refusalBy(() => issuer.authenticate(foreign))).message).toContain("signature");
});

test("algorithm confusion: a published key is no secret", async () => {
  await using issuer = await issuerUnderTest();
  const token = await sign({}, Buffer.from(secret), { alg: "HS256", kid: "key-1" });
  expect(await refusalBy(() => issuer.authenticate(token))).toMatchObject({
    code: "unauthorized",
    message: "The token is signed with an algorithm that is not taken here.",
  });
  expect(issuer.requestCount()).toBe(0);
});

test("while the keys are unavailable, callers are asked to retry, not refused as wrong", async () => {
  await using issuer = await issuerUnderTest();
  const token = await issuer.sign();
  issuer.setMode("failing");
  expect(await refusalBy(() => issuer.authenticate(token))).toMatchObject({
    code: "overloaded",
    status: 503,
    retryAfterMs: 5_000,
    message: "Who calls cannot be checked at the moment.",
    headers: {},
  });
});

test("known keys serve on while the endpoint is away", async () => {
  await using issuer = await issuerUnderTest();
  const token = await issuer.sign();
  await issuer.authenticate(token);
  issuer.setMode("failing");
  issuer.pass(3_600_000);
  expect(await issuer.authenticate(token)).toMatchObject({ subject: "user-1" });
  expect(issuer.requestCount()).toBe(2);
});

test("a published key that is too short admits no caller, and is reported to the operator", async () => {
  await using issuer = await issuerUnderTest({ kid: "short", modulusLength: 1024 });
  // No library signs with such a key.
  const token = forged({ alg: "RS256", kid: "short" });
  const refusal = await refusalBy(() => issuer.authenticate(token));
  expect(refusal).toMatchObject({ code: "overloaded", status: 503 });
  expect(String(refusal.cause)).toContain("2048 bits");
});

test("a published private key admits no caller either", async () => {
  await using issuer = await issuerUnderTest({ kid: "leaked", isLeaked: true });
  const token = await issuer.sign();
  expect(await refusalBy(() => issuer.authenticate(token))).toMatchObject({
    code: "overloaded",
    status: 503,
    cause: { code: "ERR_JWKS_INVALID" },
  });
});

function forged(header: object): string {
  const encoded = Buffer.from(JSON.stringify(header)).toString("base64url");
  return `${encoded}.e30.AA`;
}

test("a request without a token does not fetch keys from the issuer", async () => {
  await using issuer = await issuerUnderTest();
  await refusalBy(() => issuer.authenticate(""));
  await refusalBy(() => issuer.authenticate("no-token"));
  expect(issuer.requestCount()).toBe(0);
});
