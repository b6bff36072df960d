import { CommanderError } from "commander";
import { assert, expect, test } from "vitest";
import { OptionsError, resolveSettings, type RelayOptions } from "../options.ts";
import { flagName, environmentName, settingNames, settingTable } from "../settings.ts";
import { createProgram } from "./program.ts";
import { serve } from "./serve.ts";

const environment = {
  GENESYS_CLIENT_ID: "my-id",
  GENESYS_CLIENT_SECRET: "my-own-secret",
  GENESYS_ENVIRONMENT: "mypurecloud.de",
};

interface Run {
  readonly served: readonly RelayOptions[];
  readonly output: string;
  /** What a process would say and end with 1 for. */
  readonly failure: unknown;
}

async function run(
  args: readonly string[],
  variables: Record<string, string> = environment,
): Promise<Run> {
  const served: RelayOptions[] = [];
  let output = "";
  const write = (text: string): void => {
    output += text;
  };
  const program = createProgram({
    environment: variables,
    async serve(options) {
      served.push(options);
    },
  });
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ writeOut: write, writeErr: write });
  }
  const failure = await program.parseAsync(args, { from: "user" }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { served, output, failure };
}

test("serve starts a relay with what the environment says", async () => {
  const { served, failure } = await run(["serve"], { ...environment, PORT: "4000" });
  expect(failure).toBeUndefined();
  expect(served).toEqual([
    {
      port: 4000,
      genesys: { clientId: "my-id", clientSecret: "my-own-secret", environment: "mypurecloud.de" },
    },
  ]);
});

test("serve asks an OpenAI-style server when the environment says so; flags beat it here too", async () => {
  const { served, failure } = await run(["serve", "--requests-per-minute", "60"], {
    GATESTREAM_PROVIDER: "openai",
    GATESTREAM_REQUESTS_PER_MINUTE: "30",
    OPENAI_BASE_URL: "http://127.0.0.1:11434/v1",
  });
  expect(failure).toBeUndefined();
  expect(served).toEqual([
    { requestsPerMinute: 60, openai: { baseUrl: "http://127.0.0.1:11434/v1" } },
  ]);
});

test.each(settingNames)("the flag of %s beats its environment variable", async (name) => {
  const row = settingTable[name];
  const examples = { host: "localhost", auth: "none", basePath: "/other" };
  const fromFlag = "pattern" in row ? examples[name as "host"] : String(row.default + 1);
  const variables = { ...environment, [environmentName(name)]: String(row.default) };
  for (const args of [[flagName(name), fromFlag], [`${flagName(name)}=${fromFlag}`]]) {
    const { served, failure } = await run(["serve", ...args], variables);
    expect(failure).toBeUndefined();
    assert(served[0] !== undefined);
    expect(String(resolveSettings(served[0])[name])).toBe(fromFlag);
  }
});

test("a flag's number that is none is told by the relay, with the rest that is wrong", async () => {
  const { served } = await run(["serve", "--heartbeat-ms", "15s", "--port", "http"]);
  expect(() => served.map(resolveSettings)).toThrow(/"http"[^]*"15s"/);
});

test("the help names every flag with its meaning, default and variable", async () => {
  const { output, served } = await run(["serve", "--help"]);
  const words = output.replace(/\s+/g, " ");
  for (const name of settingNames) {
    const { default: value, meaning } = settingTable[name];
    expect(words).toContain(`${flagName(name)} <value> ${meaning} (default `);
    expect(words).toContain(`[${environmentName(name)}]`);
    if (value !== "") expect(words).toContain(`(default ${value}`);
  }
  const upstreams = ["GATESTREAM_PROVIDER", "OPENAI_BASE_URL", "OPENAI_API_KEY", "OPENAI_MODELS"];
  for (const variable of [...Object.keys(environment), ...upstreams]) {
    expect(words).toContain(variable);
  }
  expect(served).toEqual([]);
});

test("the version is the package's", async () => {
  const { output } = await run(["--version"]);
  expect(output).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each([
  [["serve", "--hartbeat-ms", "1"], /unknown option '--hartbeat-ms'[^]*--heartbeat-ms/],
  [["serve", "--port"], /argument missing/],
  [["serve", "twice"], /too many arguments/],
  [["server"], /unknown command 'server'[^]*serve/],
])("%j is refused with a hint and starts nothing", async (args, told) => {
  const { failure, output, served } = await run(args);
  assert(failure instanceof CommanderError);
  expect(failure.exitCode).toBe(1);
  expect(output).toMatch(told);
  expect(output).toContain("gatestream --help tells more");
  expect(served).toEqual([]);
});

test("no command at all tells how to use it", async () => {
  const { failure, output, served } = await run([]);
  assert(failure instanceof CommanderError);
  expect(failure.exitCode).toBe(1);
  expect(output).toContain("Usage: gatestream");
  expect(served).toEqual([]);
});

test("serve itself refuses a misspelt variable", async () => {
  const { served } = await run(["serve"], { ...environment, GATESTREAM_HEARTBEAT: "1" });
  const [options] = served;
  assert(options !== undefined);
  const failure: unknown = await serve(options).catch((reason: unknown) => reason);
  assert(failure instanceof OptionsError);
  expect(failure.problems).toEqual(["GATESTREAM_HEARTBEAT is no option of the relay."]);
});

test("serve itself refuses wrong options with every problem", async () => {
  const genesys = { clientId: "", clientSecret: "my-own-secret" };
  const failure: unknown = await serve({ genesys, port: -1 }).catch((reason: unknown) => reason);
  assert(failure instanceof OptionsError);
  expect(failure.problems).toHaveLength(3);
  expect(failure.message).not.toContain("my-own-secret");
});
