import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { deferred } from "../testing/deferred.ts";
import { genesysAt } from "./testing/provider-under-test.ts";
import { readAll } from "./testing/upstream-responses.ts";
import { startRawGateway } from "./testing/servers.ts";
import { startEmulator } from "./testing/start-emulator.ts";

const once = ["queue", "access_token", "handshake"];
const again = ["access_token", "queue", "handshake"];

test("a stream that is accepted at once: its turn, a token, the gateway", async () => {
  const { url } = await startEmulator();
  const gateway = genesysAt(url);
  await gateway.ask();
  expect(gateway.phases).toEqual(once);
});

test("a second stream reports the same phases, also with a cached token", async () => {
  const { url } = await startEmulator();
  const gateway = genesysAt(url);
  await gateway.ask();
  await gateway.ask();
  expect(gateway.phases).toEqual([...once, ...once]);
});

test("who waits for its turn is in the queue until then", async () => {
  const { url } = await startEmulator();
  const gateway = genesysAt(url, { maxConcurrentStreams: 1 });
  const first = await gateway.open();
  const second = gateway.ask();
  expect(gateway.phases).toEqual([...once, "queue"]);
  await readAll(first);
  await second;
  expect(gateway.phases).toEqual([...once, ...once]);
});

test("who waits for a token is in that phase, and no request is sent yet", async () => {
  const asked = deferred<ServerResponse>();
  await using server = await startRawGateway(
    (_, response) => void response.end('{"type":"stop"}\n'),
    (_, response) => asked.resolve(response),
  );
  const gateway = genesysAt(server.url);
  const asking = gateway.ask();
  const response = await asked.promise;
  expect(gateway.phases).toEqual(["queue", "access_token"]);
  response.end('{"access_token":"t","expires_in":60}');
  await asking;
  expect(gateway.phases).toEqual(once);
});

test("another try asks for its token and waits for its turn again", async () => {
  const { url } = await startEmulator({ scenario: "unavailable-twice" });
  const gateway = genesysAt(url);
  await gateway.ask();
  expect(gateway.phases).toEqual([...once, ...again, ...again]);
});

test("a token that is refused is replaced, and the request waits for its turn again", async () => {
  const { url } = await startEmulator({ scenario: "unauthorized-once" });
  const gateway = genesysAt(url);
  await gateway.ask();
  expect(gateway.phases).toEqual([...once, ...again]);
});

test("the wait after a failed token request counts as handshake, and keeps its slot", async () => {
  const { emulator, url } = await startEmulator({ scenario: "token-endpoint-down" });
  const gateway = genesysAt(url);
  const asking = gateway.ask();
  await gateway.firstFailure;
  emulator.setScenario("answer");
  await asking;
  expect(gateway.phases).toEqual([...once, "access_token", "handshake"]);
});

test("what fails for good ends in the phase where it failed", async () => {
  const { url } = await startEmulator({ scenario: "token-endpoint-down" });
  const gateway = genesysAt(url, { handshakeTries: 1 });
  await expect(gateway.open()).rejects.toMatchObject({ code: "gateway_unavailable" });
  expect(gateway.phases).toEqual(["queue", "access_token"]);
});
