import { expect, test } from "vitest";
import { genesysAt } from "../testing/provider-under-test.ts";
import { startEmulator } from "../testing/start-emulator.ts";

const stop = { type: "stop", reason: "stop" };

test("no token storm: fifty requests on a cold start share one token", async () => {
  const { kinds, url } = await startEmulator();
  const gateway = genesysAt(url);
  const answers = await Promise.all(Array.from({ length: 50 }, () => gateway.ask()));
  for (const { events } of answers) expect(events.at(-1)).toEqual(stop);
  expect(kinds().filter((kind) => kind === "token")).toHaveLength(1);
  expect(kinds()).toHaveLength(51);
});

test("no token storm: fifty requests with a revoked token share one new token", async () => {
  const { emulator, kinds, url } = await startEmulator();
  const gateway = genesysAt(url);
  await gateway.ask();
  emulator.revokeTokens();
  const answers = await Promise.all(Array.from({ length: 50 }, () => gateway.ask()));
  for (const { events } of answers) expect(events.at(-1)).toEqual(stop);
  expect(kinds().filter((kind) => kind === "token")).toHaveLength(2);
});

test("401 once: one new token and one more try, which is no failed attempt", async () => {
  const { emulator, kinds, url } = await startEmulator({ scenario: "unauthorized-once" });
  const gateway = genesysAt(url);
  const { events } = await gateway.ask();
  expect(events.at(-1)).toEqual(stop);
  expect(kinds()).toEqual(["token", "chat", "token", "chat"]);
  const [, first, , second] = emulator.calls;
  expect(second?.headers["authorization"]).not.toBe(first?.headers["authorization"]);
  expect(gateway.observed).toMatchObject([{ type: "upstream_answered", attempts: 1 }]);
});

test("tokens that are dead at birth end in a refusal, not in a loop", async () => {
  const { kinds, url } = await startEmulator({ tokenLifetimeSeconds: 0 });
  await expect(genesysAt(url).open()).rejects.toMatchObject({ code: "gateway_auth_failed" });
  expect(kinds()).toEqual(["token", "chat", "token", "chat"]);
});

test("tokens that live a second still serve", async () => {
  const { url } = await startEmulator({ tokenLifetimeSeconds: 1 });
  const gateway = genesysAt(url);
  for (let count = 0; count < 3; count += 1) {
    expect((await gateway.ask()).events.at(-1)).toEqual(stop);
  }
});

test("wrong credentials are reported with the endpoint's code", async () => {
  const { kinds, url } = await startEmulator();
  const clientSecret = "not-the-demo-secret";
  await expect(genesysAt(url, { clientSecret }).open()).rejects.toMatchObject({
    code: "gateway_auth_failed",
    message: "The gateway refused the relay's credentials (invalid_client).",
    cause: { status: expect.any(Number), code: "invalid_client" },
  });
  expect(kinds()).toEqual(["token"]);
});

test("a failed token fetch is not kept: right after it the gateway can be asked", async () => {
  const { emulator, url } = await startEmulator({ scenario: "token-endpoint-down" });
  const gateway = genesysAt(url, { handshakeTries: 1 });
  await expect(gateway.open()).rejects.toMatchObject({ code: "gateway_unavailable" });
  emulator.setScenario("answer");
  expect((await gateway.ask()).events.at(-1)).toEqual(stop);
});

test("a token endpoint that is down is tried again, then unavailable, and no chat is sent", async () => {
  const { kinds, url } = await startEmulator({ scenario: "token-endpoint-down" });
  const gateway = genesysAt(url, { handshakeTries: 2 });
  await expect(gateway.open()).rejects.toMatchObject({
    code: "gateway_unavailable",
    cause: { status: 503 },
  });
  expect(kinds()).toEqual(["token", "token"]);
  expect(gateway.observed).toHaveLength(2);
});
