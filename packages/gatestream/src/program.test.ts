import { OptionsError, type RelayOptions } from "@gatestream/relay";
import { environmentName } from "@gatestream/relay/command";
import { CommanderError } from "commander";
import { assert, expect, test } from "vitest";
import { createProgram } from "./program.ts";
import { serve } from "./serve.ts";
import {
  commandSettingNames,
  commandSettingTable,
  flagName,
  resolveCommandSettings,
  settingFromText,
  type CommandSettingName,
} from "./settings/command-settings.ts";
import { settingGroups } from "./settings/setting-texts.ts";

const environment = {
  GENESYS_CLIENT_ID: "my-id",
  GENESYS_CLIENT_SECRET: "my-own-secret",
  GENESYS_ENVIRONMENT: "mypurecloud.de",
};

interface Run {
  readonly served: readonly RelayOptions[];
  readonly checked: readonly RelayOptions[];
  readonly asked: readonly unknown[];
  readonly shown: readonly number[];
  readonly emulated: readonly (readonly string[])[];
  readonly output: string;
  /** What a process would say and end with 1 for. */
  readonly failure: unknown;
}

async function run(
  args: readonly string[],
  variables: Record<string, string> = environment,
): Promise<Run> {
  const served: RelayOptions[] = [];
  const checked: RelayOptions[] = [];
  const asked: unknown[] = [];
  const shown: number[] = [];
  const emulated: (readonly string[])[] = [];
  let output = "";
  const write = (text: string): void => {
    output += text;
  };
  const program = createProgram({
    environment: variables,
    async serve(options) {
      served.push(options);
    },
    async check(options) {
      checked.push(options);
    },
    async ask(options, question) {
      asked.push({ options, question });
    },
    async demo(port) {
      shown.push(port);
    },
    async emulate(words, version) {
      emulated.push([...words, version]);
    },
  });
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ writeOut: write, writeErr: write });
  }
  const failure = await program.parseAsync(args, { from: "user" }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { served, checked, asked, shown, emulated, output, failure };
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

const withFlag = commandSettingNames.flatMap((name) => {
  const flag = flagName(name);
  return flag === undefined ? [] : [[name, flag] as const];
});

/** Texts that settings take and that are not their defaults. */
const examples: Partial<Record<CommandSettingName, string>> = {
  host: "localhost",
  auth: "none",
  basePath: "/other",
  jwtSubjectClaim: "email",
  logLevel: "warn",
  redisUrl: "redis://127.0.0.1:6379",
  adapters: "ai-sdk",
  allowedOptions: "temperature",
};

function otherThanDefault(name: CommandSettingName): string {
  const { default: usual } = commandSettingTable[name];
  if (typeof usual === "number") return String(usual + 1);
  if (typeof usual === "boolean") return String(!usual);
  return examples[name] ?? "one";
}

test.each(withFlag)("the flag of %s beats its environment variable", async (name, flag) => {
  const text = otherThanDefault(name);
  const value = settingFromText(commandSettingTable[name], text);
  const variables = { ...environment, [environmentName(name)]: "of the environment" };
  for (const args of [[flag, text], [`${flag}=${text}`]]) {
    for (const command of ["serve", "check"]) {
      const { served, checked, failure } = await run([command, ...args], variables);
      expect(failure).toBeUndefined();
      expect([...served, ...checked]).toEqual([expect.objectContaining({ [name]: value })]);
    }
  }
});

test("a secret is taken from the environment and has no flag", async () => {
  const secrets = commandSettingNames.filter((name) => flagName(name) === undefined);
  expect(secrets).toContain("jwtSecret");
  const { failure, served } = await run(["serve", "--jwt-secret", "my-own-secret"]);
  assert(failure instanceof CommanderError);
  expect(failure.message).toContain("unknown option");
  const fromEnvironment = await run(["serve"], { ...environment, GATESTREAM_JWT_SECRET: "s" });
  expect([...served, ...fromEnvironment.served]).toEqual([
    expect.objectContaining({ jwtSecret: "s" }),
  ]);
});

test("an invalid number of a flag is reported by the relay, with the other problems", async () => {
  const { served } = await run(["serve", "--heartbeat-ms", "15s", "--port", "http"]);
  expect(() => served.map((options) => resolveCommandSettings(options))).toThrow(/"http"[^]*"15s"/);
});

test.each(["serve", "check"])(
  "the help of %s names every setting with its meaning",
  async (name) => {
    const { output, served, checked } = await run([name, "--help"]);
    const words = output.replace(/\s+/g, " ");
    for (const [title, settings] of settingGroups) {
      expect(words).toContain(` ${title}: `);
      for (const [setting, meaning] of settings) {
        const { default: usual } = commandSettingTable[setting];
        const flag = flagName(setting);
        expect(words).toContain(meaning);
        expect(words).toContain(environmentName(setting));
        if (flag === undefined) continue;
        expect(words).toContain(`${flag} <value> ${meaning} (default ${String(usual) || "none"}`);
        expect(words).toContain(`[${environmentName(setting)}]`);
      }
    }
    const upstreams = ["GATESTREAM_PROVIDER", "OPENAI_BASE_URL", "OPENAI_API_KEY", "OPENAI_MODELS"];
    for (const variable of [...Object.keys(environment), ...upstreams]) {
      expect(words).toContain(variable);
    }
    expect([...served, ...checked]).toEqual([]);
  },
);

test("the help lists the commands, a line each, and how to begin without an account", async () => {
  const { output } = await run(["--help"]);
  expect(output).toMatch(
    /^ {2}serve \[options\] {2,}\S.+\n {2}check \[options\] {2,}\S.+\n {2}ask \[options\] <question> {2}\S.+\n {2}demo \[options\] {2,}\S.+\n {2}emulate {2,}\S.+\n\n/m,
  );
  expect(output).toContain("gatestream emulate --port 4010\n");
  expect(output).toContain("gatestream serve");
  for (const line of output.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
});

test("ask takes the question, the configuration, and the settings of the environment", async () => {
  const { asked } = await run(["ask", "Hello", "--configuration", "cfg-1", "--raw"]);
  expect(asked).toEqual([
    {
      options: expect.objectContaining({ genesys: expect.objectContaining({ clientId: "my-id" }) }),
      question: { text: "Hello", configurationId: "cfg-1", isRaw: true },
    },
  ]);
  const { failure, output } = await run(["ask", "Hello"]);
  assert(failure instanceof CommanderError);
  expect(output).toContain("required option '--configuration <id>' not specified");
});

test("demo takes its port from the flag, the environment, or 3000", async () => {
  const none = await run(["demo"], {});
  const variable = await run(["demo"], { PORT: "4000" });
  const flag = await run(["demo", "--port", "0"], { PORT: "4000" });
  expect([none, variable, flag].map(({ shown }) => shown)).toEqual([[3000], [4000], [0]]);
  for (const port of ["http", "65536", "-1", ""]) {
    const { failure, output, shown } = await run(["demo", `--port=${port}`]);
    assert(failure instanceof CommanderError);
    expect(output).toContain("must be a number from 0 to 65535");
    expect(shown).toEqual([]);
  }
});

test.each([
  [["emulate", "--port", "0", "--scenario=stall"]],
  [["emulate", "--help"]],
  [["emulate", "--version"]],
  [["emulate", "stray", "--port", "0"]],
])("what stands behind emulate is its own: %j", async (args) => {
  const { emulated, served, failure, output } = await run(args);
  expect(failure).toBeUndefined();
  expect(emulated).toEqual([[...args.slice(1), expect.stringMatching(/^\d+\.\d+\.\d+$/)]]);
  expect(output).toBe("");
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
])("%j is refused with a hint and starts nothing", async (args, reported) => {
  const { failure, output, served } = await run(args);
  assert(failure instanceof CommanderError);
  expect(failure.exitCode).toBe(1);
  expect(output).toMatch(reported);
  expect(output).toContain("gatestream --help tells more");
  expect(served).toEqual([]);
});

test("without a command it prints its usage", async () => {
  const { failure, output, served } = await run([]);
  assert(failure instanceof CommanderError);
  expect(failure.exitCode).toBe(1);
  expect(output).toContain("Usage: gatestream");
  expect(served).toEqual([]);
});

test("serve itself refuses a misspelt variable", async () => {
  const { served } = await run(["serve"], { ...environment, GATESTREAM_HARTBEAT_MS: "1" });
  const [options] = served;
  assert(options !== undefined);
  const failure: unknown = await serve(options).catch((reason: unknown) => reason);
  assert(failure instanceof OptionsError);
  expect(failure.problems).toEqual([
    "GATESTREAM_HARTBEAT_MS is not a setting: did you mean GATESTREAM_HEARTBEAT_MS?",
  ]);
});

test("serve itself refuses wrong options with every problem", async () => {
  const genesys = { clientId: "", clientSecret: "my-own-secret" };
  const failure: unknown = await serve({ genesys, port: -1 }).catch((reason: unknown) => reason);
  assert(failure instanceof OptionsError);
  expect(failure.problems).toHaveLength(3);
  expect(failure.message).not.toContain("my-own-secret");
});
