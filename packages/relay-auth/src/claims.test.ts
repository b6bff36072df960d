import type { JWTPayload } from "jose";
import { expect, test } from "vitest";
import { createRequireClaims } from "./claims.ts";
import { refusalBy } from "./testing/refusal-by.ts";

const bare = { jwtRequiredClaims: [], jwtRequiredScopes: [] };

test.each<[string, JWTPayload]>([
  ["email", { email: "" }],
  ["admin", { admin: false }],
  ["role=chat", { role: "chat" }],
  ["role=chat", { role: ["other", "chat"] }],
  ["email_verified=true", { email_verified: true }],
  ["level=3", { level: 3 }],
  ["equation=a=b", { equation: "a=b" }],
])("what requires %s takes %j", (rule, claims) => {
  expect(createRequireClaims({ ...bare, jwtRequiredClaims: [rule] })(claims)).toBeUndefined();
});

test.each<[string, JWTPayload, string]>([
  ["email", {}, "The token lacks the claim email."],
  ["email", { email: null }, "The token lacks the claim email."],
  ["toString", {}, "The token lacks the claim toString."],
  ["__proto__", {}, "The token lacks the claim __proto__."],
  ["role=chat", {}, "The token lacks the claim role."],
  ["role=chat", { role: "chatter" }, "The token's claim role has another value than it must."],
  ["role=chat", { role: "other chat" }, "The token's claim role has another value than it must."],
  ["role=chat", { role: [] }, "The token's claim role has another value than it must."],
  ["role=chat", { role: [["chat"]] }, "The token's claim role has another value than it must."],
  [
    "role=chat",
    { role: { chat: "chat" } },
    "The token's claim role has another value than it must.",
  ],
  ["a=[object Object]", { a: {} }, "The token's claim a has another value than it must."],
  [
    "email_verified=true",
    { email_verified: false },
    "The token's claim email_verified has another value than it must.",
  ],
])("what requires %s refuses %j", async (rule, claims, message) => {
  const requireClaims = createRequireClaims({ ...bare, jwtRequiredClaims: [rule] });
  expect(await refusalBy(() => requireClaims(claims))).toMatchObject({
    code: "forbidden",
    status: 403,
    retryable: false,
    message,
    headers: {
      "WWW-Authenticate": `Bearer realm="gatestream", error="insufficient_scope", error_description="${message}"`,
    },
  });
});

test("every claim that is required must be there", async () => {
  const requireClaims = createRequireClaims({ ...bare, jwtRequiredClaims: ["one", "two=2"] });
  expect(requireClaims({ one: 1, two: 2 })).toBeUndefined();
  expect((await refusalBy(() => requireClaims({ one: 1 }))).message).toContain("two");
  expect((await refusalBy(() => requireClaims({ two: 2 }))).message).toContain("one");
});

const scopes = ["chat.read", "chat.write"];

test.each<JWTPayload>([
  { scope: "chat.write other chat.read" },
  { scope: "chat.read  chat.write" },
  { scp: "chat.read chat.write" },
  { scp: ["chat.write", "chat.read"] },
  { scope: "chat.read", scp: ["chat.write"] },
])("all scopes are in %j", (claims) => {
  expect(createRequireClaims({ ...bare, jwtRequiredScopes: scopes })(claims)).toBeUndefined();
});

test.each<[JWTPayload, string]>([
  [{}, "chat.read chat.write"],
  [{ scope: "chat.read" }, "chat.write"],
  [{ scope: "chat.read chat.write.all" }, "chat.write"],
  [{ scope: "chat.read,chat.write" }, "chat.read chat.write"],
  [{ scp: ["chat.read chat.write"] }, "chat.read chat.write"],
  [{ scope: 7, scp: { 0: "chat.read" } }, "chat.read chat.write"],
  [{ scp: [["chat.read"], null] }, "chat.read chat.write"],
])("%j lacks %s", async (claims, missing) => {
  const requireClaims = createRequireClaims({ ...bare, jwtRequiredScopes: scopes });
  const message = `The token lacks the scope ${missing}.`;
  expect(await refusalBy(() => requireClaims(claims))).toMatchObject({
    code: "forbidden",
    status: 403,
    message,
    headers: {
      "WWW-Authenticate": `Bearer realm="gatestream", error="insufficient_scope", error_description="${message}", scope="chat.read chat.write"`,
    },
  });
});
