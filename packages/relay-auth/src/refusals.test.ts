import { inspect } from "node:util";
import type { JwtSettings } from "./settings.ts";
import { expect, test } from "vitest";
import { requestWith } from "./testing/bare-request.ts";
import { authenticatorWith, nowSeconds, secret, sign } from "./testing/jwt-under-test.ts";
import { refusalBy } from "./testing/refusal-by.ts";

test("no refusal holds the token, the key or what a claim says, not even for the operator", async () => {
  const claims = { iss: "private-issuer", aud: "private-audience", email: "private-email" };
  const cases: [string, Partial<JwtSettings>][] = [
    [await sign({ ...claims, exp: nowSeconds - 60 }), {}],
    [await sign({ ...claims, exp: undefined }), {}],
    [await sign({ ...claims, nbf: nowSeconds + 60 }), {}],
    [await sign(claims), { jwtIssuer: "issuer" }],
    [await sign(claims), { jwtAudience: ["audience"] }],
    [await sign(claims), { jwtRequiredClaims: ["email=wanted"] }],
    [await sign(claims), { jwtRequiredScopes: ["wanted"] }],
    [await sign(claims), { jwtSubjectClaim: "user_id" }],
    [await sign({ ...claims, user_id: ["private-user"] }), { jwtSubjectClaim: "user_id" }],
    [await sign(claims, Buffer.from("y".repeat(32))), {}],
    [unknownCriticalHeader(), {}],
    ["private.private-word", {}],
  ];
  for (const [token, settings] of cases) {
    const refusal = await refusalBy(() => authenticatorWith(settings)(requestWith(token)));
    const everything = inspect(refusal, { depth: Infinity, showHidden: true });
    expect(everything).not.toContain("private");
    expect(everything).not.toContain(token);
    expect(everything).not.toContain(secret);
  }
});

test("the operator gets the library's error", async () => {
  const token = await sign({ exp: nowSeconds - 60 });
  const { cause } = await refusalBy(() => authenticatorWith()(requestWith(token)));
  expect(cause).toBeInstanceOf(Error);
  expect(String(cause)).toBe('Error: ERR_JWT_EXPIRED: "exp" claim timestamp check failed');
});

function unknownCriticalHeader(): string {
  const words = '{"alg":"HS256","crit":["private-word"],"private-word":1}';
  return `${Buffer.from(words).toString("base64url")}.e30.AA`;
}
