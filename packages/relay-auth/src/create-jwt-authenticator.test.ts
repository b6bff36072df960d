import type { JwtSettings } from "./settings.ts";
import { UnsecuredJWT } from "jose";
import { expect, test } from "vitest";
import { jwtSettings } from "./testing/jwt-settings.ts";
import { createJwtAuthenticator } from "./create-jwt-authenticator.ts";
import { bareRequest, requestWith } from "./testing/bare-request.ts";
import {
  authenticatorWith,
  nowMs,
  nowSeconds,
  secret,
  sign,
  type Claims,
} from "./testing/jwt-under-test.ts";
import { refusalBy } from "./testing/refusal-by.ts";

async function callerOf(claims: Claims, settings?: Partial<JwtSettings>) {
  return await authenticatorWith(settings)(requestWith(await sign(claims)));
}

async function refusalFor(claims: Claims, settings?: Partial<JwtSettings>) {
  return await refusalBy(() => callerOf(claims, settings));
}

test("a caller with a valid token is admitted until it expires", async () => {
  expect(await callerOf({ sub: "user-1", exp: nowSeconds + 60 })).toEqual({
    subject: "user-1",
    expiresAt: nowMs + 60_000 + 5_000,
  });
});

test("the real clock is the default", async () => {
  const authenticate = createJwtAuthenticator(jwtSettings({ jwtSecret: secret }));
  const inAMinute = Math.floor(Date.now() / 1000) + 60;
  const request = requestWith(await sign({ exp: inAMinute }));
  expect(await authenticate(request)).toMatchObject({ expiresAt: inAMinute * 1000 + 5_000 });
  const late = requestWith(await sign({ exp: inAMinute - 120 }));
  expect((await refusalBy(() => authenticate(late))).message).toBe("The token has expired.");
});

test("nothing is built from settings that are wrong", () => {
  const settings = jwtSettings({ jwtJwksUrl: "nowhere", jwtSecret: "short" });
  expect(() => createJwtAuthenticator(settings)).toThrow(/more than one key.+jwtSecret must be/s);
});

test("a token in the cookie is as good", async () => {
  const cookie = `session=${await sign({})}`;
  const authenticate = authenticatorWith({ jwtCookie: "session" });
  expect(await authenticate(bareRequest({ cookie }, "GET"))).toMatchObject({ subject: "user-1" });
  expect(await refusalBy(() => authenticate(bareRequest({ cookie }, "POST")))).toMatchObject({
    code: "forbidden",
  });
});

test.each<[string, Claims, Partial<JwtSettings>, string]>([
  ["expired", { exp: nowSeconds - 60 }, {}, "The token has expired."],
  [
    "without expiry",
    { exp: undefined },
    {},
    "The token never expires: it must have the claim exp.",
  ],
  ["too early", { nbf: nowSeconds + 60 }, {}, "The token is not valid yet."],
  [
    "of another issuer",
    { iss: "https://evil.example.com" },
    { jwtIssuer: "https://login.example.com" },
    "The token is from another issuer than it must be.",
  ],
  ["without issuer", {}, { jwtIssuer: "issuer" }, "The token lacks the claim iss."],
  [
    "for others",
    { aud: ["x", "y"] },
    { jwtAudience: ["a", "b"] },
    "The token is for another audience.",
  ],
  ["without an audience", {}, { jwtAudience: ["a"] }, "The token lacks the claim aud."],
  [
    "without subject",
    { sub: undefined },
    {},
    "The token does not say who calls: it lacks the claim sub.",
  ],
])("a token %s is refused", async (_what, claims, settings, message) => {
  expect(await refusalFor(claims, settings)).toMatchObject({
    code: "unauthorized",
    status: 401,
    retryable: false,
    message,
    headers: {
      "WWW-Authenticate": `Bearer realm="gatestream", error="invalid_token", error_description="${message}"`,
    },
  });
});

test.each(["exp", "nbf", "iat"])("the claim %s must be a number", async (claim) => {
  const refusal = await refusalFor({ [claim]: String(nowSeconds) });
  expect(refusal).toMatchObject({ code: "unauthorized", status: 401 });
  expect(refusal.message).toBe(`The token's claim ${claim} must be a number.`);
});

test("clocks may differ by the tolerance and no more", async () => {
  const caller = await callerOf({ exp: nowSeconds - 4 });
  expect(caller).toMatchObject({ expiresAt: nowMs + 1_000 });
  expect((await refusalFor({ exp: nowSeconds - 5 })).message).toContain("expired");
  await callerOf({ nbf: nowSeconds + 5 });
  expect((await refusalFor({ nbf: nowSeconds + 6 })).message).toContain("not valid yet");
});

test("an expiry beyond all dates is the last date", async () => {
  expect(await callerOf({ exp: 1e300 })).toMatchObject({ expiresAt: 8.64e15 });
});

test("the issuer and one of the audiences must fit", async () => {
  const settings = { jwtIssuer: "issuer", jwtAudience: ["a", "b"] };
  for (const aud of ["a", "b", ["x", "b"]]) {
    expect(await callerOf({ iss: "issuer", aud }, settings)).toMatchObject({ subject: "user-1" });
  }
});

test("a claim or scope that is required and missing is forbidden, not unauthorized", async () => {
  const settings = { jwtRequiredClaims: ["role=chat"], jwtRequiredScopes: ["chat.write"] };
  await callerOf({ role: "chat", scope: "chat.write" }, settings);
  expect(await refusalFor({ scope: "chat.write" }, settings)).toMatchObject({ status: 403 });
  expect(await refusalFor({ role: "chat" }, settings)).toMatchObject({ status: 403 });
  // Unauthenticated callers do not learn what is allowed.
  expect(await refusalFor({ exp: nowSeconds - 60 }, settings)).toMatchObject({ status: 401 });
});

test("the subject may be another claim, and a number", async () => {
  const settings = { jwtSubjectClaim: "user_id" };
  expect(await callerOf({ user_id: "u" }, settings)).toMatchObject({ subject: "u" });
  expect(await callerOf({ user_id: 42 }, settings)).toMatchObject({ subject: "42" });
  expect(await callerOf({ user_id: "x".repeat(256) }, settings)).toMatchObject({
    subject: "x".repeat(256),
  });
});

test.each([
  "",
  "x".repeat(257),
  true,
  ["user-1"],
  { id: 1 },
  1.5,
  2 ** 53, // The same as 2 ** 53 + 1 would be.
])("%j is no subject", async (subject) => {
  const refusal = await refusalFor({ user_id: subject }, { jwtSubjectClaim: "user_id" });
  expect(refusal).toMatchObject({ code: "unauthorized", status: 401 });
  expect(refusal.message).toBe(
    "The token's claim user_id must be text of 1 to 256 characters, or a whole number.",
  );
});

test("what every object has is no subject", async () => {
  const refusal = await refusalFor({}, { jwtSubjectClaim: "constructor" });
  expect(refusal.message).toContain("lacks the claim constructor");
});

test.each<[unknown, string[]]>([
  [
    ["cfg-1", "cfg-2"],
    ["cfg-1", "cfg-2"],
  ],
  [["with space"], ["with space"]],
  ["cfg-1 cfg-2", ["cfg-1", "cfg-2"]],
  ["cfg-1,cfg-2", ["cfg-1", "cfg-2"]],
  [" cfg-1, cfg-2 ,", ["cfg-1", "cfg-2"]],
  [["cfg-1", 7, null, "", ["cfg-2"]], ["cfg-1"]],
  ["", []],
  [[], []],
  [undefined, []],
  [null, []],
  [true, []],
  [{ 0: "cfg-1", length: 1 }, []],
])("the claim %j allows the configurations %j", async (claim, configurations) => {
  const caller = await callerOf({ cfg: claim }, { jwtConfigurationsClaim: "cfg" });
  expect(caller).toMatchObject({ configurations });
});

test("without such a claim named, every configuration may be used", async () => {
  expect(await callerOf({ cfg: ["cfg-1"] })).not.toHaveProperty("configurations");
});

test("a token that was changed is refused", async () => {
  const [head = "", , signature = ""] = (await sign({})).split(".");
  const payload = Buffer.from(`{"sub":"admin","exp":${nowSeconds + 60}}`).toString("base64url");
  const refusal = await refusalBy(() =>
    authenticatorWith()(requestWith(`${head}.${payload}.${signature}`)),
  );
  expect(refusal).toMatchObject({ code: "unauthorized" });
  expect(refusal.message).toBe(
    "The token's signature does not fit: it was changed, or signed with another key.",
  );
});

test("an unsecured token is refused", async () => {
  const token = new UnsecuredJWT({ sub: "user-1", exp: nowSeconds + 60 }).encode();
  const refusal = await refusalBy(() => authenticatorWith()(requestWith(token)));
  expect(refusal.message).toBe("The token is signed with an algorithm that is not taken here.");
});

test("only the algorithms that are pinned are taken", async () => {
  const longSecret = "x".repeat(64);
  const token = await sign({}, Buffer.from(longSecret), { alg: "HS512" });
  const usual = authenticatorWith({ jwtSecret: longSecret });
  expect((await refusalBy(() => usual(requestWith(token)))).message).toContain("algorithm");
  const pinned = authenticatorWith({ jwtSecret: longSecret, jwtAlgorithms: ["HS512"] });
  expect(await pinned(requestWith(token))).toMatchObject({ subject: "user-1" });
});

test.each([
  ["no JSON in its header", `${Buffer.from("hello").toString("base64url")}.e30.AA`],
  ["no JSON in its header, but an array", `${Buffer.from("[]").toString("base64url")}.e30.AA`],
  ["no algorithm", "e30.e30.AA"],
  [
    "a header that must be understood and is not",
    "eyJhbGciOiJIUzI1NiIsImNyaXQiOlsieCJdLCJ4IjoxfQ.e30.AA",
  ],
])("a token with %s is malformed", async (_what, token) => {
  const refusal = await refusalBy(() => authenticatorWith()(requestWith(token)));
  expect(refusal.message).toBe("The token cannot be read: it must be a signed JWT.");
});

test("a token that lives longer than it may is refused, and one that does not say how long", async () => {
  const settings = { jwtMaxLifetimeMs: 3_600_000 };
  const exp = nowSeconds + 60;
  expect(await callerOf({ iat: exp - 3_600, exp }, settings)).toMatchObject({ subject: "user-1" });
  expect(await refusalFor({ iat: exp - 3_601, exp }, settings)).toMatchObject({
    code: "unauthorized",
    message: "The token is valid for longer than it may be.",
  });
  expect(await refusalFor({ exp }, settings)).toMatchObject({
    message: "The token lacks the claim iat.",
  });
});

test("where access tokens are required, any other type of token is refused", async () => {
  const authenticate = authenticatorWith({ jwtType: "at+jwt" });
  const signed = (typ?: string) =>
    sign({}, undefined, { alg: "HS256", ...(typ === undefined ? {} : { typ }) });
  expect(await authenticate(requestWith(await signed("at+jwt")))).toMatchObject({
    subject: "user-1",
  });
  for (const typ of ["JWT", undefined]) {
    const request = requestWith(await signed(typ));
    const refusal = await refusalBy(() => authenticate(request));
    expect(refusal.code).toBe("unauthorized");
    expect(refusal.message).toMatch(/^The token (?:is of another type|lacks the claim typ)/);
  }
});
