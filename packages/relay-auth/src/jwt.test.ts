import { expect, test } from "vitest";
import { ask, question, refusalIn, replyTo } from "@gatestream/testing/ask";
import { startRelay } from "@gatestream/testing/relay-under-test";
import { jwt, type JwtOptions } from "./jwt.ts";
import { startIssuer } from "./testing/issuer.ts";
import { secret, sign } from "./testing/jwt-under-test.ts";

const claims = { sub: "ada", exp: Math.floor(Date.now() / 1000) + 600 };

function problemsOf(options: object): readonly string[] {
  try {
    jwt(options);
  } catch (failure) {
    if (failure instanceof Error && "problems" in failure) {
      return failure.problems as readonly string[];
    }
    throw failure;
  }
  return [];
}

test.each<[string, Parameters<typeof startRelay>[0]]>([
  ["the setting auth", { auth: "jwt", jwtSecret: secret, jwtIssuer: "me" }],
  ["a value of the host's", { authenticate: jwt({ secret, issuer: "me" }) }],
])("with %s a relay admits a caller with a valid token", async (_how, options) => {
  await using under = await startRelay(options);
  const askWith = async (authorization: string) =>
    await replyTo(ask(under.streamUrl, question("Hello"), { headers: { authorization } }));

  const none = await askWith("");
  expect([none.status, refusalIn(none).code]).toEqual([401, "unauthorized"]);
  const wrong = await askWith(`Bearer ${await sign({ ...claims, iss: "somebody else" })}`);
  expect([wrong.status, refusalIn(wrong).message]).toEqual([
    401,
    "The token is from another issuer than it must be.",
  ]);
  expect(under.emulator.calls).toEqual([]);

  const right = await askWith(`Bearer ${await sign({ ...claims, iss: "me" })}`);
  expect(right.status).toBe(200);
  expect(await under.untilObserved("stream_ended")).toMatchObject({ subject: "ada" });
});

test("keys that an issuer publishes check tokens", async () => {
  await using issuer = await startIssuer();
  const options: JwtOptions = { jwksUrl: issuer.jwksUrl, issuer: "*", audience: ["*"] };
  await using under = await startRelay({ authenticate: jwt(options) });
  const headers = { authorization: `Bearer ${await issuer.sign(claims)}` };
  const reply = await replyTo(ask(under.streamUrl, question("Hello"), { headers }));
  expect(reply.status).toBe(200);
});

test("all problems of the options are reported at once, by their names", () => {
  expect(
    problemsOf({
      secrets: secret,
      secret: 42,
      jwksUrl: "http://login.example.com/keys",
      maxLifetimeMs: "soon",
      requiredClaims: ["="],
    }),
  ).toEqual([
    "secrets is not an option of jwt: did you mean secret?",
    "secret must be text.",
    'maxLifetimeMs ("soon") must be a whole number of ms from 0 to 2147483647.',
    expect.stringMatching(/^jwksUrl must be an https URL/),
    "issuer must be set with jwksUrl: the iss of your tokens, or * to accept any issuer.",
    expect.stringMatching(/^audience must be set with jwksUrl/),
    "requiredClaims (=) must be a claim's name, or name=value, such as email_verified=true.",
  ]);
  expect(problemsOf({})).toEqual([
    "There is no key to check tokens with: set one of jwksUrl, secret and publicKey.",
  ]);
});
