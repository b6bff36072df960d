import type { EmulatorOptions } from "@gatestream/emulator";
import { expect, test } from "vitest";
import { startEmulator } from "../../../relay/src/gateway/testing/start-emulator.ts";
import { closedPort } from "../../../relay/src/gateway/testing/servers.ts";
import type { CommandOptions } from "../settings/command-settings.ts";
import { ask } from "./ask.ts";

const client = { clientId: "demo-client", clientSecret: "demo-secret" };

async function run(options: CommandOptions, isRaw = false, onPrint = () => {}) {
  let output = "";
  let errors = "";
  const question = { text: "Hello", configurationId: "cfg-1", isRaw };
  const exitCode = await ask(options, question, {
    print(text) {
      output += text;
      onPrint();
    },
    printError(text) {
      errors += text;
    },
  });
  return { exitCode, output, errors };
}

async function askEmulator(options: EmulatorOptions, isRaw = false) {
  const { emulator, url } = await startEmulator(options);
  const genesys = { ...client, loginUrl: url, apiUrl: url };
  const asked = await run({ genesys }, isRaw);
  return { ...asked, sentText: emulator.calls.at(-1)?.sentText ?? "" };
}

test("prints the answer while it comes, then what came and how long it took, with 0", async () => {
  const { emulator, url } = await startEmulator({ tokensPerSecond: 400 });
  const states: (string | undefined)[] = [];
  const { exitCode, output, errors } = await run(
    { genesys: { ...client, loginUrl: url, apiUrl: url } },
    false,
    () => states.push(emulator.calls.at(-1)?.state),
  );
  expect(states[0]).toBe("open");
  expect(output).toBe(`${emulator.calls.at(-1)?.sentText.trimEnd()}\n`);
  expect(errors).toMatch(
    /^\nframing {6}newline-delimited JSON \(application\/x-ndjson\S*.*\)\ntypes {8}token × \d+, stop × 1\nfirst token {2}\d+ ms\ntotal {8}\d+ ms\ntokens {7}\d+\n$/,
  );
  expect(exitCode).toBe(0);
});

test("with raw the gateway's own lines are printed as they are", async () => {
  const { exitCode, output, sentText } = await askEmulator({ scenario: "done" }, true);
  const objects = output
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(objects.at(-1)).toMatchObject({ type: "done" });
  expect(objects.map(({ content = "" }) => content).join("")).toBe(sentText);
  expect(exitCode).toBe(0);
});

test.each([
  [
    "sse",
    /^framing {6}Server-Sent Events \(text\/event-stream/m,
    /^types .*token × \d+, stop × 1/m,
  ],
  ["crlf-bom", /^framing {6}newline-delimited JSON/m, /^types .*token × \d+, stop × 1/m],
  [
    "gzip",
    /^framing {6}newline-delimited JSON \(\S+.*, gzip\)/m,
    /^types .*token × \d+, stop × 1/m,
  ],
  ["delta", /^framing {6}newline-delimited JSON/m, /^types .*\{delta\} × \d+/m],
  ["many-objects-a-line", /^framing {6}newline-delimited JSON/m, /^types .*token × \d+, stop × 1/m],
  ["malformed-line", /^framing {6}newline-delimited JSON/m, /^types .*not JSON × 1/m],
  ["usage", /^framing/m, /^tokens {7}\d+ \(usage: inputTokens \d+, outputTokens \d+\)/m],
] as const)("prints the framing and the types of %s", async (scenario, framing, types) => {
  const { exitCode, errors } = await askEmulator({ scenario });
  expect(errors).toMatch(framing);
  expect(errors).toMatch(types);
  expect(exitCode).toBe(0);
});

test.each([
  ["unauthorized-always", /^gateway_auth_failed: .+status 401.*\nCheck GENESYS_CLIENT_ID/m],
  ["forbidden", /^gateway_rejected: .+\nCheck that the configuration exists/m],
  ["html", /^gateway_protocol_error: .+\nAsk again with --raw/m],
  ["cut", /^gateway_interrupted: .+\nAsk again with --raw/m],
  ["error-in-middle", /^gateway_interrupted: .+\nAsk again with --raw/m],
] as const)("%s is a failure with its code and a remedy, with 1", async (scenario, reported) => {
  const { exitCode, errors } = await askEmulator({ scenario });
  expect(errors).toMatch(reported);
  expect(errors).not.toContain("demo-secret");
  expect(exitCode).toBe(1);
});

test("an unreachable gateway is reported with the system's own error", async () => {
  const nobody = `http://127.0.0.1:${await closedPort()}`;
  const genesys = { ...client, loginUrl: nobody, apiUrl: nobody };
  const { exitCode, output, errors } = await run({ genesys, handshakeTries: 1 });
  expect(errors).toMatch(/^framing {6}none: the gateway gave no answer$/m);
  expect(errors).toMatch(/^gateway_unavailable: .+ECONNREFUSED.*\nRun gatestream check/m);
  expect(output).toBe("");
  expect(exitCode).toBe(1);
});

test("who may call the relay, and where it listens, makes no difference", async () => {
  const { url } = await startEmulator();
  const { exitCode } = await run({
    genesys: { ...client, loginUrl: url, apiUrl: url },
    host: "0.0.0.0",
    auth: "jwt",
    jwtSecret: "0123456789abcdef0123456789abcdef",
    jwtIssuer: "https://login.example.com/",
    jwtAudience: ["gatestream"],
    redisUrl: "redis://127.0.0.1:1",
    workers: 2,
  });
  expect(exitCode).toBe(0);
});

test("a configuration that callers may not use is refused, and the gateway is not asked", async () => {
  const { url, kinds } = await startEmulator();
  const genesys = { ...client, loginUrl: url, apiUrl: url };
  const { exitCode, errors } = await run({ genesys, allowedConfigurations: ["cfg-2"] });
  expect(errors).toMatch(/^forbidden: .+\nName this configuration in GATESTREAM_ALLOWED/m);
  expect(kinds()).toEqual([]);
  expect(exitCode).toBe(1);
});

const apiKey = "demo-key";

test.each<[string, (url: string) => CommandOptions, RegExp]>([
  [
    "openai",
    (url) => ({ openai: { baseUrl: `${url}/v1`, apiKey } }),
    /^types {8}chat\.completion\.chunk × \d+, \[DONE\] × 1$/m,
  ],
  [
    "openai-responses",
    (url) => ({ openaiResponses: { baseUrl: `${url}/v1`, apiKey } }),
    /^types .*response\.output_text\.delta × \d+/m,
  ],
  [
    "anthropic",
    (url) => ({ anthropic: { baseUrl: url, apiKey } }),
    /^types .*content_block_delta × \d+.* message_stop × 1$/m,
  ],
])("another server is asked as well: %s", async (_, options, types) => {
  const { url } = await startEmulator();
  const { exitCode, errors } = await run(options(url));
  expect(errors).toMatch(/^framing {6}Server-Sent Events/m);
  expect(errors).toMatch(types);
  expect(errors).toMatch(
    /^tokens {7}\d+ \(usage: inputTokens \d+, outputTokens \d+(?:, \w+ \d+)?\)$/m,
  );
  expect(exitCode).toBe(0);
});
