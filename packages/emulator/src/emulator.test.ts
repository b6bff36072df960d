import { expect, test } from "vitest";

import { createEmulator } from "./emulator.ts";
import type { ScenarioName } from "./scenarios/scenario-table.ts";
import { startGateway } from "./testing/gateway.ts";

test("without options it listens on a free port of the loopback address", async () => {
  const emulator = createEmulator();
  const { url, port } = await emulator.listen();
  expect(url).toBe(`http://127.0.0.1:${port}`);
  await emulator.close();
});

test("it cannot listen twice, and after closing it can again", async () => {
  const emulator = createEmulator();
  await emulator.listen();
  await expect(emulator.listen()).rejects.toThrow("close it first");
  await emulator.close();
  await emulator.listen();
  await emulator.close();
  await emulator.close();
});

test("a port in use is reported, and another one can be tried", async () => {
  await using gateway = await startGateway();
  const emulator = createEmulator();
  const port = Number(new URL(gateway.url).port);
  await expect(emulator.listen({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  await emulator.listen();
  await emulator.close();
});

test("a wildcard address is reported as one that clients can connect to", async () => {
  const emulator = createEmulator();
  const { url } = await emulator.listen({ host: "0.0.0.0" });
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  await emulator.close();
});

test("all invalid options are reported at once, without secrets", () => {
  const create = () =>
    createEmulator({
      clientSecret: "",
      apiKey: "two words",
      seed: 1.5,
      tokensPerSecond: -1,
      slowFirstTokenMs: NaN,
      requestsPerMinute: 0,
    });
  expect(create).toThrow(TypeError);
  expect(create).toThrow(
    "clientSecret must be a text that is not empty; " +
      "apiKey must be a text of visible ASCII characters without spaces; " +
      "tokensPerSecond (-1) must be 0 (as fast as possible) or a number of at least 0.001; " +
      "seed (1.5) must be a whole number; " +
      "slowFirstTokenMs (NaN) must be a number from 0 to 2147483647; " +
      "requestsPerMinute (0) must be a whole number of 1 or more",
  );
});

test("the default scenario can be changed and set back", async () => {
  await using gateway = await startGateway({ scenario: "bad-request" });
  const statuses: number[] = [];
  const ask = async () => statuses.push((await gateway.chat("Hello")).status);
  await ask();
  gateway.emulator.setScenario("forbidden");
  await ask();
  gateway.emulator.setScenario(undefined);
  await ask();
  expect(statuses).toEqual([400, 403, 400]);
  const nonsense = "nonsense" as ScenarioName;
  expect(() => gateway.emulator.setScenario(nonsense)).toThrow(
    "scenario (nonsense) must be one of",
  );
});

test("calls are recorded in order of arrival, and a reset forgets them", async () => {
  await using gateway = await startGateway();
  const token = await gateway.newToken();
  await (await gateway.chat("One", { token })).text();
  await (await gateway.complete("Two")).text();
  const { emulator } = gateway;
  expect(emulator.calls.map(({ id, kind, dialect }) => [id, kind, dialect])).toEqual([
    [1, "token", "genesys"],
    [2, "chat", "genesys"],
    [3, "chat", "openai"],
  ]);
  emulator.reset();
  expect(emulator.calls).toEqual([]);
});

test("a reset begins the counters of all scenarios again", async () => {
  await using gateway = await startGateway({ scenario: "unavailable-twice" });
  const statuses: number[] = [];
  const ask = async () => statuses.push((await gateway.chat("Hello")).status);
  await ask();
  gateway.emulator.reset();
  await ask();
  await ask();
  await ask();
  expect(statuses).toEqual([503, 503, 503, 200]);
});
