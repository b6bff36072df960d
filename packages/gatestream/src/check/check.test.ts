import type { RelayOptions } from "@gatestream/relay";
import { expect, test } from "vitest";
import { closedPort } from "../../../relay/src/gateway/testing/servers.ts";
import { startEmulator } from "../../../relay/src/gateway/testing/start-emulator.ts";
import { check } from "./check.ts";

async function run(options: RelayOptions, limitMs?: number) {
  let text = "";
  const exitCode = await check(options, {
    print: (piece) => {
      text += piece;
    },
    ...(limitMs === undefined ? {} : { limitMs }),
  });
  return { exitCode, text, lines: text.split("\n") };
}

const client = { clientId: "demo-client", clientSecret: "demo-secret" };

test("all that a relay needs is tried, a line each, with 0", async () => {
  const { url } = await startEmulator();
  const genesys = { ...client, loginUrl: url, apiUrl: url };
  const { exitCode, lines } = await run({ port: 0, genesys });
  expect(lines).toEqual([
    "ok      settings: complete and without contradictions",
    expect.stringMatching(/^ok {6}token endpoint http\S+: gives tokens/),
    expect.stringMatching(/^ok {6}gateway http\S+: answers and takes the token$/),
    "ok      a free port of 127.0.0.1: free",
    "",
    "The relay can start. No answer was generated: gatestream ask does that.",
    "",
  ]);
  expect(exitCode).toBe(0);
});

test("one failure does not hide the next: Redis, keys and the port are tried too, with 1", async () => {
  const nobody = `127.0.0.1:${await closedPort()}`;
  const { exitCode, lines } = await run({
    port: 0,
    auth: "jwt",
    jwtJwksUrl: `http://${nobody}/keys`,
    jwtIssuer: "https://login.example.com/",
    jwtAudience: ["gatestream"],
    redisUrl: `redis://:my-own-secret@${nobody}`,
    genesys: { ...client, loginUrl: `http://${nobody}`, apiUrl: `http://${nobody}` },
  });
  expect(lines.map((line) => line.replace(/:.*/, ""))).toEqual([
    "ok      settings",
    "FAILED  token endpoint http",
    "FAILED  gateway http",
    "FAILED  Redis 127.0.0.1",
    "FAILED  key set http",
    "ok      a free port of 127.0.0.1",
    "",
    "4 failed.",
    "",
  ]);
  expect(lines.join()).not.toContain("my-own-secret");
  expect(exitCode).toBe(1);
});

test("wrong settings are reported all at once, and nothing else is tried", async () => {
  const { url, kinds } = await startEmulator();
  const { exitCode, lines } = await run({
    heartbeatMs: -1,
    maxQueued: -1,
    genesys: { clientId: "", clientSecret: "my-own-secret", loginUrl: url, apiUrl: url },
  });
  expect(lines.filter((line) => line.startsWith("FAILED  settings: "))).toHaveLength(3);
  expect(lines).toHaveLength(3 + 3);
  expect(lines.join()).not.toContain("my-own-secret");
  expect(exitCode).toBe(1);
  expect(kinds()).toEqual([]);
});

const silentProvider = {
  name: "own",
  open: () => Promise.reject(new Error("not asked")),
  async close() {},
};

test("a warning is reported and fails nothing", async () => {
  const provider = {
    ...silentProvider,
    async *check() {
      yield { what: "own model", outcome: "warning" as const, message: "is small" };
    },
  };
  const { exitCode, lines } = await run({ port: 0, provider });
  expect(lines).toContain("warning own model: is small");
  expect(exitCode).toBe(0);
});

test("a custom provider without tries is reported as such", async () => {
  const { exitCode, lines } = await run({ port: 0, provider: silentProvider });
  expect(lines).toContain("ok      upstream own: has nothing that could be tried");
  expect(exitCode).toBe(0);
});

test("a provider that never resolves is given up and closed; its output cannot control the terminal", async () => {
  let closes = 0;
  const provider = {
    ...silentProvider,
    async *check() {
      yield { what: "own model", outcome: "warning" as const, message: "is \u001B[31msmall\n" };
      await new Promise(() => {});
    },
    async close() {
      closes += 1;
    },
  };
  const { exitCode, lines } = await run({ port: 0, provider }, 200);
  expect(lines.slice(0, 4)).toEqual([
    "ok      settings: complete and without contradictions",
    "warning own model: is  [31msmall ",
    expect.stringMatching(/^FAILED {2}upstream own: .*given up/),
    expect.stringContaining("a free port"),
  ]);
  expect(closes).toBe(1);
  expect(exitCode).toBe(1);
});
