import { once } from "node:events";
import { createRelay, OptionsError } from "@gatestream/relay";
import { environmentFindings, environmentName } from "@gatestream/relay/command";
import { assert, expect, onTestFinished, test } from "vitest";
import {
  commandOptionsFromEnvironment,
  listenOptionsFromEnvironment,
  relayOptionsFromEnvironment,
} from "./environment.ts";
import {
  commandSettingNames,
  commandSettingTable,
  resolveCommandSettings,
  type CommandOptions,
} from "./command-settings.ts";
import { exampleOf } from "./testing/example-of.ts";

const credentials = {
  GENESYS_CLIENT_ID: "my-id",
  GENESYS_CLIENT_SECRET: "my-own-secret",
  GENESYS_ENVIRONMENT: "mypurecloud.de",
};

/** Everything that a relay with these variables refuses to start for. */
function failureOf(environment: Readonly<Record<string, string>>): OptionsError {
  try {
    resolveCommandSettings(relayOptionsFromEnvironment(environment));
  } catch (failure) {
    assert(failure instanceof OptionsError);
    return failure;
  }
  throw new Error("The relay would start.");
}

test.each(commandSettingNames)("%s is read from its environment variable", (name) => {
  const text = exampleOf(name);
  const environment = { [environmentName(name)]: text };
  const options: CommandOptions = commandOptionsFromEnvironment(environment);
  expect(String(options[name])).toBe(text);
  expect(options[name]).not.toEqual(commandSettingTable[name].default);
});

test("every GENESYS_ variable is read", () => {
  const { genesys } = relayOptionsFromEnvironment({
    ...credentials,
    GENESYS_LOGIN_URL: "http://127.0.0.1:1",
    GENESYS_API_URL: "http://127.0.0.1:2",
    GENESYS_GATEWAY_PATH: "/chat",
    GENESYS_SCOPE: "llm",
  });
  expect(genesys).toEqual({
    clientId: "my-id",
    clientSecret: "my-own-secret",
    environment: "mypurecloud.de",
    loginUrl: "http://127.0.0.1:1",
    apiUrl: "http://127.0.0.1:2",
    gatewayPath: "/chat",
    scope: "llm",
  });
});

test("GATESTREAM_PROVIDER=openai takes the OPENAI_ variables, and leaves GENESYS_ alone", () => {
  const options = relayOptionsFromEnvironment({
    ...credentials,
    GATESTREAM_PROVIDER: "openai",
    OPENAI_BASE_URL: "http://127.0.0.1:11434/v1",
    OPENAI_API_KEY: "my-own-key",
    OPENAI_MODELS: "cfg-1=llama3, cfg-2 = org/qwen3:8b=q4",
  });
  expect(options).toEqual({
    openai: {
      baseUrl: "http://127.0.0.1:11434/v1",
      apiKey: "my-own-key",
      models: { "cfg-1": "llama3", "cfg-2": "org/qwen3:8b=q4" },
    },
  });
  expect(() => resolveCommandSettings(options)).not.toThrow();
});

test("GATESTREAM_PROVIDER=openai-responses takes the OPENAI_ variables too", () => {
  const options = relayOptionsFromEnvironment({
    ...credentials,
    GATESTREAM_PROVIDER: "openai-responses",
    OPENAI_BASE_URL: "https://api.openai.com/v1",
    OPENAI_API_KEY: "my-own-key",
    OPENAI_MODELS: "cfg-1=gpt-5",
    OPENAI_INCLUDE_USAGE: "true",
    OPENAI_SEND_METADATA: "true",
    OPENAI_BACKGROUND: "true",
  });
  expect(options).toEqual({
    openaiResponses: {
      baseUrl: "https://api.openai.com/v1",
      apiKey: "my-own-key",
      models: { "cfg-1": "gpt-5" },
      sendMetadata: true,
      background: true,
    },
  });
  expect(() => resolveCommandSettings(options)).not.toThrow();
});

test("GATESTREAM_PROVIDER=anthropic takes the ANTHROPIC_ variables, of which the key is enough", () => {
  const environment = { GATESTREAM_PROVIDER: "anthropic", ANTHROPIC_API_KEY: "my-own-key" };
  const options = relayOptionsFromEnvironment(environment);
  expect(options).toEqual({ anthropic: { apiKey: "my-own-key" } });
  expect(() => resolveCommandSettings(options)).not.toThrow();
  expect(
    relayOptionsFromEnvironment({
      ...environment,
      ANTHROPIC_BASE_URL: "http://127.0.0.1:8080",
      ANTHROPIC_MODELS: "cfg-1=claude",
      ANTHROPIC_MAX_TOKENS: "1000",
    }),
  ).toEqual({
    anthropic: {
      apiKey: "my-own-key",
      baseUrl: "http://127.0.0.1:8080",
      models: { "cfg-1": "claude" },
      maxTokens: 1000,
    },
  });
});

test("of the OPENAI_ variables only the base URL is needed", () => {
  const options = relayOptionsFromEnvironment({
    GATESTREAM_PROVIDER: "openai",
    OPENAI_BASE_URL: "http://127.0.0.1:11434/v1",
    OPENAI_API_KEY: "",
    OPENAI_MODELS: "",
  });
  expect(options).toEqual({ openai: { baseUrl: "http://127.0.0.1:11434/v1" } });
  expect(() => resolveCommandSettings(options)).not.toThrow();
});

test.each([["genesys"], [""], [undefined]])(
  "GATESTREAM_PROVIDER=%s is the Genesys gateway, whatever OPENAI_ variables say",
  (provider) => {
    const environment = { ...credentials, OPENAI_API_KEY: "sk-somebody-elses" };
    expect(relayOptionsFromEnvironment({ ...environment, GATESTREAM_PROVIDER: provider })).toEqual(
      relayOptionsFromEnvironment(credentials),
    );
  },
);

test.each([
  [
    { GATESTREAM_PROVIDER: "OpenAI" },
    'provider ("OpenAI") must be a Provider; GATESTREAM_PROVIDER takes genesys, openai, openai-responses or anthropic.',
  ],
  [
    { GATESTREAM_PROVIDER: "openai" },
    "openai.baseUrl [OPENAI_BASE_URL] must be an http or https URL up to the version, such as http://127.0.0.1:11434/v1.",
  ],
  [
    { GATESTREAM_PROVIDER: "openai", OPENAI_BASE_URL: "127.0.0.1:11434" },
    'openai.baseUrl [OPENAI_BASE_URL] ("127.0.0.1:11434") must be an http or https URL up to the version, such as http://127.0.0.1:11434/v1.',
  ],
  [
    { GATESTREAM_PROVIDER: "openai-responses" },
    "openaiResponses.baseUrl [OPENAI_BASE_URL] must be an http or https URL up to the version, such as http://127.0.0.1:11434/v1.",
  ],
  [
    { GATESTREAM_PROVIDER: "anthropic" },
    "anthropic.apiKey [ANTHROPIC_API_KEY] must be set, and be of visible ASCII characters, without spaces.",
  ],
])("a wrong upstream is reported by its variable: %j", (environment, problem) => {
  expect(() => resolveCommandSettings(relayOptionsFromEnvironment(environment))).toThrow(
    new OptionsError([problem]),
  );
});

test.each(["llama3", "cfg-1=", "=llama3", "cfg-1=llama3,", "cfg-1=llama3,,cfg-2=x"])(
  "OPENAI_MODELS=%s is no list of pairs",
  (models) => {
    const options = relayOptionsFromEnvironment({
      GATESTREAM_PROVIDER: "openai",
      OPENAI_BASE_URL: "http://127.0.0.1:11434/v1",
      OPENAI_MODELS: models,
    });
    expect(() => resolveCommandSettings(options)).toThrow(
      "must be pairs of a configurationId and a model",
    );
  },
);

test("all problems of an OpenAI-style upstream are reported at once, without the key", () => {
  const environment = {
    GATESTREAM_PROVIDER: "openai",
    OPENAI_BASE_URL: "localhost",
    OPENAI_API_KEY: "my own key",
    OPENAI_MODELS: "llama3",
    GATESTREAM_REQUESTS_PER_MINUTE: "0",
    GATESTREAM_MAX_QUEUE: "5",
  };
  const failure = failureOf(environment);
  expect(failure.problems).toHaveLength(5);
  expect(failure.message).not.toContain("my own key");
});

test("an empty variable counts as unset", () => {
  const options = relayOptionsFromEnvironment({
    ...credentials,
    PORT: "",
    GATESTREAM_HEARTBEAT_MS: "",
    GENESYS_SCOPE: "",
    HOST: undefined,
  });
  expect(options).toEqual({
    genesys: { clientId: "my-id", clientSecret: "my-own-secret", environment: "mypurecloud.de" },
  });
});

test("variables of others are not looked at", () => {
  expect(
    relayOptionsFromEnvironment({
      ...credentials,
      PATH: "/bin",
      heartbeatMs: "1",
      MY_GATESTREAM_X: "",
    }),
  ).toEqual(relayOptionsFromEnvironment(credentials));
});

test("PORT and HOST are where relay.listen() listens", () => {
  const environment = { ...credentials, PORT: "3001", HOST: "::1", GATESTREAM_RESUME: "off" };
  expect(listenOptionsFromEnvironment(environment)).toEqual({ port: 3001, host: "::1" });
});

test("PORT and HOST of a host process are not options of an embedded relay", () => {
  expect(relayOptionsFromEnvironment({ ...credentials, PORT: "3001", HOST: "0.0.0.0" })).toEqual(
    relayOptionsFromEnvironment(credentials),
  );
});

test("misspelt variables are refused with the right name, all at once, without their values", () => {
  const environment = {
    ...credentials,
    GATESTREAM_HARTBEAT_MS: "my-own-secret",
    GATESTREAM_MAX_QUEUE: "80",
    GATESTREAM_PROVIDE: "openai",
    GENESYS_CLIENTID: "my-id",
    GATESTREAM_HEARTBEAT_MS: "200",
  };
  expect(() => resolveCommandSettings(relayOptionsFromEnvironment(environment))).toThrow(
    new OptionsError([
      "GATESTREAM_HARTBEAT_MS is not a setting: did you mean GATESTREAM_HEARTBEAT_MS?",
      "GATESTREAM_MAX_QUEUE is not a setting: did you mean GATESTREAM_MAX_QUEUED?",
      "GATESTREAM_PROVIDE is not a setting: did you mean GATESTREAM_PROVIDER?",
      "GENESYS_CLIENTID is not a setting: did you mean GENESYS_CLIENT_ID?",
    ]),
  );
});

test("a misspelt OPENAI_ variable is refused where the upstream is OpenAI's, and only there", () => {
  const openai = { GATESTREAM_PROVIDER: "openai", OPENAI_BASE_URL: "http://127.0.0.1:11434/v1" };
  expect(failureOf({ ...openai, OPENAI_MODEL: "cfg-1=llama3" }).problems).toEqual([
    "OPENAI_MODEL is not a setting: did you mean OPENAI_MODELS?",
  ]);
  const other = { ...credentials, OPENAI_MODEL: "gpt", GENESYS_CONFIGURATION_ID: "cfg-1" };
  expect(() => resolveCommandSettings(relayOptionsFromEnvironment(other))).not.toThrow();
});

/** What Kubernetes sets for a Service named gatestream, and for one named gatestream-redis. */
const serviceVariables = {
  GATESTREAM_SERVICE_HOST: "10.96.0.12",
  GATESTREAM_SERVICE_PORT: "3000",
  GATESTREAM_SERVICE_PORT_HTTP: "3000",
  GATESTREAM_PORT: "tcp://10.96.0.12:3000",
  GATESTREAM_PORT_3000_TCP: "tcp://10.96.0.12:3000",
  GATESTREAM_PORT_3000_TCP_PROTO: "tcp",
  GATESTREAM_PORT_3000_TCP_PORT: "3000",
  GATESTREAM_PORT_3000_TCP_ADDR: "10.96.0.12",
  GATESTREAM_REDIS_SERVICE_HOST: "10.96.0.13",
  GATESTREAM_REDIS_PORT: "tcp://10.96.0.13:6379",
};

test("variables that Kubernetes sets for a Service named gatestream do not stop the relay", () => {
  const options = relayOptionsFromEnvironment({ ...credentials, ...serviceVariables });
  expect(() => resolveCommandSettings(options)).not.toThrow();
  expect(options[environmentFindings]?.warning).toContain(
    `Unknown variables are ignored: ${Object.keys(serviceVariables).join(", ")}.`,
  );
});

test("variables of settings that no longer exist are ignored with what to do, and stop nothing", () => {
  const removed = { GATESTREAM_MAX_LINE_BYTES: "65536", GATESTREAM_MAX_MESSAGES: "" };
  const options = relayOptionsFromEnvironment({
    ...credentials,
    ...removed,
    GATESTREAM_PORT: "tcp://10.96.0.12:3000",
  });
  expect(() => resolveCommandSettings(options)).not.toThrow();
  expect(options[environmentFindings]).toEqual({
    problems: [],
    warning: expect.stringMatching(
      /^GATESTREAM_MAX_LINE_BYTES no longer exists: 1 MiB is the limit\. Unknown variables are ignored: GATESTREAM_PORT\./,
    ),
  });
});

test("every wrong value is reported in one message, by its variable and without a secret", () => {
  const environment = {
    GENESYS_CLIENT_SECRET: "my-own-secret",
    GENESYS_LOGIN_URL: "login",
    GATESTREAM_HEARTBEAT_MS: "1.5",
    GATESTREAM_MAX_BODY_BYTES: "1MB",
    GATESTREAM_MAX_LOG_BYTES: "1.2.3",
    GATESTREAM_AUTH: "maybe",
  };
  const failure = failureOf(environment);
  expect(failure.problems).toHaveLength(7);
  for (const reported of [
    "[GATESTREAM_HEARTBEAT_MS] (1.5) must be a whole number of ms",
    '[GATESTREAM_MAX_BODY_BYTES] ("1MB") must be a whole number of bytes',
    '[GATESTREAM_MAX_LOG_BYTES] ("1.2.3") must be a whole number of bytes',
    '[GATESTREAM_AUTH] ("maybe") must be "none"',
    "[GENESYS_CLIENT_ID] must be set",
    "[GENESYS_ENVIRONMENT] must be a host or a region",
    '[GENESYS_LOGIN_URL] ("login") must be an http or https URL',
  ]) {
    expect(failure.message).toContain(reported);
  }
  expect(failure.message).not.toContain("my-own-secret");
});

test.each([
  ["GATESTREAM_WORKERS", "4"],
  ["GATESTREAM_LOG_LEVEL", "debug"],
])("createRelay refuses %s, which only the command has, and says what to do", (name, value) => {
  const options = relayOptionsFromEnvironment({
    ...credentials,
    [name]: value,
    GATESTREAM_HEARTBEAT_MS: "1",
  });
  expect(() => createRelay(options)).toThrow(
    /_(?:WORKERS|LOG_LEVEL) is only for the command `gatestream serve`: [^]*heartbeatMs/,
  );
});

test("createRelay warns once of unknown variables, all in one warning", async () => {
  const warned = once(process, "warning");
  const relay = createRelay(relayOptionsFromEnvironment({ ...credentials, ...serviceVariables }));
  onTestFinished(() => relay.close());
  const [warning] = await warned;
  expect(warning).toMatchObject({
    name: "GatestreamWarning",
    message: expect.stringMatching(
      /^Unknown variables .+GATESTREAM_SERVICE_HOST, GATESTREAM_SERVICE_PORT/,
    ),
  });
});

test("createRelay refuses misspelt variables together with whatever else is wrong", () => {
  const environment = { ...credentials, GATESTREAM_HARTBEAT_MS: "1", GATESTREAM_WORKERS: "2" };
  expect(() => createRelay({ ...relayOptionsFromEnvironment(environment), maxQueued: -1 })).toThrow(
    /GATESTREAM_HARTBEAT_MS[^]*only for the command `gatestream serve`[^]*maxQueued/,
  );
});
