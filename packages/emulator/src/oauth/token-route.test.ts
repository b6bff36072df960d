import { expect, test } from "vitest";

import { basic, startGateway } from "../testing/gateway.ts";
import { createTestClock } from "../testing/test-clock.ts";

test("the right credentials get a bearer token and its lifetime", async () => {
  await using gateway = await startGateway({ tokenLifetimeSeconds: 600 });
  const response = await gateway.requestToken();
  expect(response.status).toBe(200);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(response.headers.get("inin-correlation-id")).toMatch(/^[\da-f-]{36}$/);
  expect(await response.json()).toEqual({
    access_token: expect.stringMatching(/^[\w-]{43}$/),
    token_type: "bearer",
    expires_in: 600,
  });
});

test("a scope is accepted and recorded", async () => {
  await using gateway = await startGateway();
  const form = { grant_type: "client_credentials", scope: "ai:llm" };
  expect((await gateway.requestToken({ form })).status).toBe(200);
  expect(gateway.emulator.calls[0]).toMatchObject({ kind: "token", status: 200, body: form });
});

test("every token is different", async () => {
  await using gateway = await startGateway();
  expect(await gateway.newToken()).not.toBe(await gateway.newToken());
});

test.each([
  ["a wrong secret", basic("demo-client", "guess")],
  ["a wrong id", basic("guess", "demo-secret")],
  ["another scheme", "Bearer demo-secret"],
  ["no credentials", ""],
])("%s is refused as invalid_client", async (_, authorization) => {
  await using gateway = await startGateway();
  const response = await gateway.requestToken({ authorization });
  expect(response.status).toBe(401);
  expect(await response.json()).toEqual({
    error: "invalid_client",
    description: "client not found",
    error_description: "invalid_client: client not found",
  });
});

test.each([{}, { grant_type: "password" }])("the form %j is refused", async (form) => {
  await using gateway = await startGateway();
  const response = await gateway.requestToken({ form });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: "unsupported_grant_type" });
});

test("another method is refused with 405 and the one that works", async () => {
  await using gateway = await startGateway();
  const response = await fetch(`${gateway.url}/oauth/token`);
  expect(response.status).toBe(405);
  expect(response.headers.get("allow")).toBe("POST");
});

test("a token is refused from the moment it expires", async () => {
  const clock = createTestClock();
  await using gateway = await startGateway({ tokenLifetimeSeconds: 60, clock });
  const token = await gateway.newToken();
  clock.advance(59_999);
  const accepted = await gateway.chat("Hello", { token });
  await accepted.text();
  clock.advance(1);
  const refused = await gateway.chat("Hello", { token });
  expect([accepted.status, refused.status]).toEqual([200, 401]);
});

test("a lifetime of 0 makes every token expired at birth", async () => {
  await using gateway = await startGateway({ tokenLifetimeSeconds: 0 });
  expect((await gateway.chat("Hello")).status).toBe(401);
});

test("revoked tokens are refused, new ones are accepted", async () => {
  await using gateway = await startGateway();
  const token = await gateway.newToken();
  gateway.emulator.revokeTokens();
  expect((await gateway.chat("Hello", { token })).status).toBe(401);
  expect((await gateway.chat("Hello")).status).toBe(200);
});

test("token-endpoint-down refuses tokens with 503 while tokens that exist go on working", async () => {
  await using gateway = await startGateway();
  const token = await gateway.newToken();
  gateway.emulator.setScenario("token-endpoint-down");
  const down = await gateway.requestToken();
  expect(down.status).toBe(503);
  expect(await down.json()).toMatchObject({ code: "service.unavailable", status: 503 });
  expect((await gateway.chat("Hello", { token })).status).toBe(200);
  gateway.emulator.setScenario(undefined);
  expect((await gateway.requestToken()).status).toBe(200);
});
