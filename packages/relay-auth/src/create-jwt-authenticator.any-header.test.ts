import { isRelayError, type Authenticate } from "@gatestream/relay/parts";
import * as fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { bareRequest, requestWith } from "./testing/bare-request.ts";
import { startIssuer } from "./testing/issuer.ts";
import { authenticatorWith, nowSeconds, sign } from "./testing/jwt-under-test.ts";

/** Hundreds of tokens on a machine that has other things to do, in milliseconds. */
const timeout = 30_000;

let good = "";
beforeAll(async () => {
  good = await sign({ sub: "user-1" });
});

const authenticate = authenticatorWith({ jwtCookie: "session", jwtRequiredClaims: ["exp"] });

const base64url = (text: string): string => Buffer.from(text).toString("base64url");

/** Headers and claims that mean something, nearly mean something, or nothing. */
const anyHeader = fc.record(
  {
    alg: fc.oneof(fc.constantFrom("HS256", "ES256", "EdDSA", "none", "dir", ""), fc.jsonValue()),
    kid: fc.oneof(fc.constant("key-1"), fc.jsonValue()),
    crit: fc.oneof(fc.array(fc.constantFrom("b64", "exp", "")), fc.jsonValue()),
    b64: fc.oneof(fc.boolean(), fc.jsonValue()),
    typ: fc.jsonValue(),
  },
  { requiredKeys: [] },
);
const anySegment = fc.oneof(
  anyHeader.map((header) => base64url(JSON.stringify(header))),
  fc.json().map(base64url),
  fc.string({ unit: "binary" }).map(base64url),
  fc.base64String(),
  fc.string(),
  fc.constant(""),
);
const anyToken = fc.oneof(
  fc.array(anySegment, { maxLength: 6 }).map((segments) => segments.join(".")),
  fc.array(anySegment, { minLength: 3, maxLength: 3 }).map((segments) => segments.join(".")),
  fc.nat(300).map((at) => `${good.slice(0, at)}x${good.slice(at + 1)}`),
  fc.nat(300).map((at) => good.slice(0, at)),
  fc.string({ minLength: 8_000, maxLength: 9_000 }),
);
const anyAuthorization = fc.oneof(
  fc.string({ unit: "binary" }),
  fc
    .tuple(fc.constantFrom("Bearer ", "bearer  ", "Bearer", "Basic ", "\t", ""), anyToken)
    .map(([scheme, token]) => scheme + token),
);
const anyCookie = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc
        .tuple(fc.constantFrom("session", " session ", "\u00A0session", "other", ""), anyToken)
        .map(([name, token]) => `${name}=${token}`),
      anyToken.map((token) => `session="${token}"`),
    ),
    { maxLength: 4 },
  )
  .map((pairs) => pairs.join(";"));

/** What became of a request; anything but a caller or a refusal fails the test. */
async function outcomeOf(call: () => ReturnType<Authenticate>): Promise<"caller" | number> {
  try {
    const caller = await call();
    expect(caller).toEqual({ subject: "user-1", expiresAt: (nowSeconds + 65) * 1000 });
    return "caller";
  } catch (failure) {
    if (!isRelayError(failure)) throw failure;
    for (const value of Object.values(failure.headers)) expect(value).toMatch(/^[ -~]+$/);
    return failure.status;
  }
}

test("whatever Authorization holds, it is a caller or a refusal", { timeout }, async () => {
  await fc.assert(
    fc.asyncProperty(anyAuthorization, async (authorization) => {
      const outcome = await outcomeOf(() => authenticate(bareRequest({ authorization })));
      expect(["caller", 401, 403]).toContain(outcome);
    }),
    { numRuns: 400, examples: [[`Bearer ${good}`]] },
  );
});

test("whatever Authorization holds, no key of an issuer fails on it", { timeout }, async () => {
  await using issuer = await startIssuer();
  const published = authenticatorWith({ jwtSecret: "", jwtJwksUrl: issuer.jwksUrl });
  await published(requestWith(await issuer.sign()));
  await fc.assert(
    fc.asyncProperty(anyAuthorization, async (authorization) => {
      expect(await outcomeOf(() => published(bareRequest({ authorization })))).toBe(401);
    }),
    { numRuns: 400, examples: [[`Bearer ${base64url('{"alg":"ES256","kid":"key-1"}')}.e30.AA`]] },
  );
  expect(issuer.requestCount()).toBe(1);
});

test("whatever Cookie holds, it is a caller or a refusal", { timeout }, async () => {
  await fc.assert(
    fc.asyncProperty(anyCookie, fc.constantFrom("GET", "POST"), async (cookie, method) => {
      const outcome = await outcomeOf(() => authenticate(bareRequest({ cookie }, method)));
      expect(["caller", 401, 403]).toContain(outcome);
    }),
    { numRuns: 400 },
  );
});

test("whatever a well signed token claims, it is a caller or a refusal", { timeout }, async () => {
  const anyClaims = fc.record(
    {
      sub: fc.oneof(fc.jsonValue(), fc.string(), fc.integer()),
      exp: fc.oneof(fc.jsonValue(), fc.constant(nowSeconds + 60)),
      nbf: fc.jsonValue(),
      scope: fc.jsonValue(),
      cfg: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  const strict = authenticatorWith({
    jwtRequiredScopes: ["chat"],
    jwtConfigurationsClaim: "cfg",
  });
  const lenient = authenticatorWith({ jwtConfigurationsClaim: "cfg" });
  await fc.assert(
    fc.asyncProperty(anyClaims, fc.boolean(), async (claims, isStrict) => {
      const token = await sign(claims);
      const request = bareRequest({ authorization: `Bearer ${token}` });
      try {
        const caller = await (isStrict ? strict : lenient)(request);
        expect(caller?.subject).toMatch(/./s);
        expect(caller?.configurations).toBeInstanceOf(Array);
        expect(caller?.expiresAt).toBeGreaterThan(0);
      } catch (failure) {
        if (!isRelayError(failure)) throw failure;
        expect([401, 403]).toContain(failure.status);
      }
    }),
    { numRuns: 300 },
  );
});
