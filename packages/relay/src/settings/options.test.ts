import { expect, test } from "vitest";
import { OptionsError, resolveSettings, type RelayOptions } from "./options.ts";
import { createRelay } from "../relay.ts";
import { environmentName, type Setting } from "./setting.ts";
import { settingNames, settingTable } from "./setting-table.ts";

const genesys = {
  clientId: "my-id",
  clientSecret: "my-own-secret",
  environment: "mypurecloud.de",
};

/** Options as JavaScript may give them. */
function problemsWith(options: object): readonly string[] {
  try {
    resolveSettings(options as RelayOptions);
  } catch (failure) {
    expect(failure).toBeInstanceOf(OptionsError);
    if (failure instanceof OptionsError) return failure.problems;
  }
  return [];
}

test("what is not given has its default", () => {
  const settings = resolveSettings({ genesys });
  for (const name of settingNames) {
    expect(settings[name]).toBe(name === "resume" ? "memory" : settingTable[name].default);
  }
});

test("without resume streams are kept in memory, or in Redis where there is one", () => {
  const redisUrl = "redis://127.0.0.1:6379";
  expect(resolveSettings({ genesys }).resume).toBe("memory");
  expect(resolveSettings({ genesys, redisUrl }).resume).toBe("redis");
  expect(resolveSettings({ genesys, redisUrl, resume: "memory" }).resume).toBe("memory");
});

test("what is given counts, also 0, and undefined does not", () => {
  const settings = resolveSettings({ genesys, shutdownGraceMs: 0, port: 0, heartbeatMs: 200 });
  expect(settings).toMatchObject({ shutdownGraceMs: 0, port: 0, heartbeatMs: 200 });
  expect(problemsWith({ genesys, heartbeatMs: undefined })).toEqual([]);
});

test.each(settingNames)("%s: a value that does not fit is reported with its rule", (name) => {
  const row: Setting = settingTable[name];
  const [problem, ...others] = problemsWith({ genesys, [name]: 0.25 });
  expect(others).toEqual([]);
  const value = "secret" in row ? "" : "(0.25) ";
  expect(problem).toContain(`${name} [${environmentName(name)}] ${value}must `);
  expect(problem).toMatch(/\.$/);
  if (!("min" in row)) return;
  for (const outside of [row.min - 1, row.max + 1]) {
    expect(problemsWith({ genesys, [name]: outside })).toEqual([
      expect.stringContaining(`(${outside}) must be a whole number`),
    ]);
  }
  for (const inside of [row.min, row.max]) {
    expect(problemsWith({ genesys, [name]: inside })).toEqual([]);
  }
});

test.each([
  [Number.NaN, "NaN"],
  [Number.POSITIVE_INFINITY, "Infinity"],
  ["15s", '"15s"'],
  ["15", '"15"'],
  [null, "null"],
  [15n, "15"],
])("heartbeatMs %s is reported as given", (heartbeatMs, shown) => {
  expect(problemsWith({ genesys, heartbeatMs })).toEqual([
    `heartbeatMs [GATESTREAM_HEARTBEAT_MS] (${shown}) must be a whole number of ms from 100 to 2147483647.`,
  ]);
});

test.each(["localhost", "127.0.0.1", "127.1.2.3", "::1"])("%s is loopback", (host) => {
  expect(problemsWith({ genesys, host })).toEqual([]);
});

test.each([
  "0.0.0.0",
  "::",
  "10.0.0.1",
  "example.com",
  "127.0.0.1.example.com",
  "localhost.example",
])("listening on %s without authentication is refused, unless set explicitly", (host) => {
  const problems = problemsWith({ genesys, host });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(`host [HOST] (${host}) is not loopback`);
  expect(problems[0]).toContain('set auth [GATESTREAM_AUTH] to "jwt", or to "none"');
  expect(problemsWith({ genesys, host, auth: "none" })).toEqual([]);
});

test.each<[object, string]>([
  [
    {},
    "There is no upstream: give one of genesys, openai, openaiResponses, anthropic and provider.",
  ],
  [
    { genesys, provider: { open: () => {} } },
    "There is more than one upstream: give one of genesys, openai, openaiResponses, anthropic and provider.",
  ],
  [
    { provider: "vertex" },
    'provider ("vertex") must be a Provider; GATESTREAM_PROVIDER takes genesys, openai, openai-responses or anthropic.',
  ],
  [
    { openai: {} },
    "openai.baseUrl [OPENAI_BASE_URL] must be an http or https URL up to the version, such as http://127.0.0.1:11434/v1.",
  ],
  [
    { openai: { baseUrl: "localhost:11434" } },
    'openai.baseUrl [OPENAI_BASE_URL] ("localhost:11434") must be an http or https URL up to the version, such as http://127.0.0.1:11434/v1.',
  ],
  [
    { openai: { baseUrl: "http://127.0.0.1/v1", apiKey: "my-own-key\n" } },
    "openai.apiKey [OPENAI_API_KEY] must be of visible ASCII characters, without spaces.",
  ],
  [
    { genesys, openai: { baseUrl: "http://127.0.0.1/v1" } },
    "There is more than one upstream: give one of genesys, openai, openaiResponses, anthropic and provider.",
  ],
  [
    { openai: { baseUrl: "http://127.0.0.1/v1", models: { "": "llama3" } } },
    'openai.models [OPENAI_MODELS] ("=llama3") must be pairs of a configurationId and a model, such as cfg-1=llama3.',
  ],
  [
    { anthropic: { apiKey: "my-own-key", maxTokens: 0 } },
    "anthropic.maxTokens [ANTHROPIC_MAX_TOKENS] (0) must be a whole number from 1 to 1000000.",
  ],
  [
    { anthropic: { apiKey: "my-own-key\n", baseUrl: "http://127.0.0.1" } },
    "anthropic.apiKey [ANTHROPIC_API_KEY] must be set, and be of visible ASCII characters, without spaces.",
  ],
  [
    { openai: { baseUrl: "http://127.0.0.1/v1", models: { "cfg-1": "" } } },
    'openai.models [OPENAI_MODELS] ("cfg-1=") must be pairs of a configurationId and a model, such as cfg-1=llama3.',
  ],
  [{ genesys: { ...genesys, clientId: "" } }, "genesys.clientId [GENESYS_CLIENT_ID] must be set."],
  [
    { genesys: { ...genesys, clientSecret: undefined } },
    "genesys.clientSecret [GENESYS_CLIENT_SECRET] must be set.",
  ],
  [
    { genesys: { ...genesys, environment: undefined } },
    "genesys.environment [GENESYS_ENVIRONMENT] must be a host or a region without a scheme or path, such as mypurecloud.de or eu-central-1.",
  ],
  [
    { genesys: { ...genesys, environment: "https://api.mypurecloud.de/" } },
    'genesys.environment [GENESYS_ENVIRONMENT] ("https://api.mypurecloud.de/") must be a host or a region without a scheme or path, such as mypurecloud.de or eu-central-1.',
  ],
  [
    { genesys: { ...genesys, environment: "region.0x7f" } },
    'genesys.environment [GENESYS_ENVIRONMENT] ("region.0x7f") must be a host or a region without a scheme or path, such as mypurecloud.de or eu-central-1.',
  ],
  [
    { genesys: { ...genesys, environment: "127.0.0.1" } },
    'genesys.environment [GENESYS_ENVIRONMENT] ("127.0.0.1") must be a host or a region without a scheme or path, such as mypurecloud.de or eu-central-1.',
  ],
  [
    { genesys: { ...genesys, loginUrl: "login.example" } },
    'genesys.loginUrl [GENESYS_LOGIN_URL] ("login.example") must be an http or https URL without a path: that is genesys.gatewayPath.',
  ],
  [
    { genesys: { ...genesys, apiUrl: "ftp://api.example" } },
    'genesys.apiUrl [GENESYS_API_URL] ("ftp://api.example") must be an http or https URL without a path: that is genesys.gatewayPath.',
  ],
  [
    { genesys: { ...genesys, gatewayPath: "chat" } },
    'genesys.gatewayPath [GENESYS_GATEWAY_PATH] ("chat") must begin with "/".',
  ],
])("%j: %s", (options, problem) => {
  expect(problemsWith(options)).toEqual([problem]);
});

test("both URLs make the environment unnecessary, one does not", () => {
  const { environment: _, ...credentials } = genesys;
  const loginUrl = "http://127.0.0.1:1";
  expect(problemsWith({ genesys: { ...credentials, loginUrl, apiUrl: loginUrl } })).toEqual([]);
  expect(problemsWith({ genesys: { ...credentials, loginUrl } })).toHaveLength(1);
});

test("all problems are reported at once, in one message, without secrets", () => {
  const options = {
    genesys: { clientId: "", clientSecret: "my-own-secret", gatewayPath: "chat" },
    heartbeatMs: 1,
    port: 70_000,
    host: "0.0.0.0",
  };
  expect(problemsWith(options)).toHaveLength(6);
  const { message } = new OptionsError(problemsWith(options));
  for (const name of ["clientId", "environment", "gatewayPath", "heartbeatMs", "port", "host"]) {
    expect(message).toContain(name);
  }
  expect(message).toMatch(/^The relay cannot start:\n(?: {2}- .+\n?){6}$/);
  expect(message).not.toContain("my-own-secret");
});

test("an OpenAI-style upstream needs its base URL alone", () => {
  const openai = { baseUrl: "http://127.0.0.1:11434/v1" };
  expect(problemsWith({ openai })).toEqual([]);
  expect(problemsWith({ openai: { ...openai, apiKey: "", models: {} } })).toEqual([]);
});

test("all problems of an OpenAI-style upstream are reported at once, without keys", () => {
  const openai = {
    baseUrl: "ftp://example.com",
    apiKey: "my own key",
    models: { "cfg-1": "", "": "llama3" },
  };
  const problems = problemsWith({ openai, heartbeatMs: 1 });
  expect(problems).toHaveLength(4);
  expect(new OptionsError(problems).message).not.toContain("my own key");
});

test("createRelay refuses to start with wrong options", () => {
  expect(() => createRelay({ genesys: { ...genesys, clientId: "" } })).toThrow(OptionsError);
});

test.each([
  [{ genesys, heartbeatMS: 1 }, "heartbeatMS is not an option: did you mean heartbeatMs?"],
  [{ genesys, autenticate: 1 }, "autenticate is not an option: did you mean authenticate?"],
  [{ genesys, colour: 1 }, "colour is not an option."],
  [
    { genesys: { ...genesys, gatwayPath: "/chat" } },
    "genesys.gatwayPath is not an option: did you mean genesys.gatewayPath?",
  ],
  [
    { openai: { baseUrl: "http://127.0.0.1/v1", model: {} } },
    "openai.model is not an option: did you mean openai.models?",
  ],
  [
    { openaiResponses: { baseUrl: "http://127.0.0.1/v1", includeUsage: true } },
    "openaiResponses.includeUsage is not an option.",
  ],
  [
    { anthropic: { apiKey: "k", maxToken: 1 } },
    "anthropic.maxToken is not an option: did you mean anthropic.maxTokens?",
  ],
])("%j is refused: it may be misspelt", (options, problem) => {
  expect(problemsWith(options)).toEqual([problem]);
});

const remote = "gateway.example.com";

test.each<[string, object, string]>([
  [
    "genesys.loginUrl",
    { genesys: { ...genesys, loginUrl: `http://${remote}` } },
    "genesys.loginUrl [GENESYS_LOGIN_URL]",
  ],
  [
    "genesys.apiUrl",
    { genesys: { ...genesys, apiUrl: `http://${remote}` } },
    "genesys.apiUrl [GENESYS_API_URL]",
  ],
  [
    "openai.apiKey",
    { openai: { baseUrl: `http://${remote}/v1`, apiKey: "my-own-key" } },
    "openai.baseUrl [OPENAI_BASE_URL]",
  ],
  [
    "openaiResponses.apiKey",
    { openaiResponses: { baseUrl: `http://${remote}/v1`, apiKey: "my-own-key" } },
    "openaiResponses.baseUrl [OPENAI_BASE_URL]",
  ],
  [
    "anthropic.apiKey",
    { anthropic: { baseUrl: `http://${remote}`, apiKey: "my-own-key" } },
    "anthropic.baseUrl [ANTHROPIC_BASE_URL]",
  ],
  [
    "redisUrl",
    { genesys, redisUrl: `redis://:my-own-password@${remote}` },
    "redisUrl [GATESTREAM_REDIS_URL]",
  ],
])("credentials of %s over plain text to another host are refused", (_name, options, named) => {
  const problems = problemsWith(options);
  expect(problems).toEqual([
    `${named} would send credentials unencrypted to ${remote}: use TLS, or set allowPlaintextCredentials [GATESTREAM_ALLOW_PLAINTEXT_CREDENTIALS] to true.`,
  ]);
  expect(problemsWith({ ...options, allowPlaintextCredentials: true })).toEqual([]);
});

test.each<object>([
  { openai: { baseUrl: `http://${remote}/v1` } },
  { anthropic: { baseUrl: `http://${remote}` } },
  { anthropic: { apiKey: "my-own-key" } },
  { openai: { baseUrl: "http://[::1]:1/v1", apiKey: "my-own-key" } },
  { openai: { baseUrl: `https://${remote}/v1`, apiKey: "my-own-key" } },
  { genesys: { ...genesys, loginUrl: "http://localhost:1", apiUrl: "http://127.0.0.1:1" } },
  { genesys, redisUrl: `redis://${remote}:6379` },
  { genesys, redisUrl: `rediss://:my-own-password@${remote}:6379` },
  { genesys, redisUrl: "redis://:my-own-password@127.0.0.1:6379" },
])("%j sends no credentials over plain text to another host", (options) => {
  expect(problemsWith(options)).toEqual([]);
});

const jwtSecret = "a-secret-of-at-least-thirty-two-bytes";

test.each<[object, string]>([
  [
    { jwtSecret },
    'A key for tokens is set, but no token is asked for: set auth [GATESTREAM_AUTH] to "jwt".',
  ],
  [{ authenticate: "me" }, 'authenticate ("me") must be a function.'],
  [{ mayFollow: true }, "mayFollow (true) must be a function."],
  [
    { authenticate: () => undefined, auth: "none" },
    "authenticate and auth [GATESTREAM_AUTH] both say who may call: leave one out.",
  ],
  [
    { allowedOrigins: ["*", "https://app.example.com"] },
    'allowedOrigins [GATESTREAM_ALLOWED_ORIGINS] must be "*" alone or a list of origins.',
  ],
  [
    { auth: "jwt", jwtSecret, jwtCookie: "session", allowedOrigins: ["*"] },
    'allowedOrigins [GATESTREAM_ALLOWED_ORIGINS] must name its origins: "*" goes without credentials, and jwtCookie [GATESTREAM_JWT_COOKIE] is one.',
  ],
  [
    { trustedProxies: ["10.0.0.0/8", "nginx"] },
    'trustedProxies [GATESTREAM_TRUSTED_PROXIES] ("10.0.0.0/8", "nginx") must be addresses, networks such as 10.0.0.0/8, loopback, linklocal or uniquelocal.',
  ],
])("who may call: %j is refused", (options, problem) => {
  expect(problemsWith({ genesys, ...options })).toEqual([problem]);
});

test.each([
  "https://app.example.com/",
  "https://app.example.com:443",
  "https://App.example.com",
  "app.example.com",
  "null",
])("%s is no origin as browsers send it", (origin) => {
  const [problem, ...others] = problemsWith({ genesys, allowedOrigins: [origin] });
  expect(others).toEqual([]);
  expect(problem).toContain(`("${origin}") must be origins as browsers send them`);
});

test.each([
  "https://app.example.com",
  "http://localhost:5173",
  "http://[::1]:8080",
  "capacitor://localhost",
  "*",
])("%s is an origin", (origin) => {
  expect(problemsWith({ genesys, allowedOrigins: [origin] })).toEqual([]);
});

test.each([{ auth: "jwt", jwtSecret }, { authenticate: () => undefined }])(
  "on any host a relay may listen that asks who calls: %j",
  (options) => {
    expect(problemsWith({ genesys, host: "0.0.0.0", ...options })).toEqual([]);
  },
);

test.each([
  "http://me:my-own-secret@redis",
  "rediss://:my-own-secret@redis/first",
  "rediss://:my-own-secret%@redis",
  "rediss://:my/own-secret@redis",
])("a redisUrl like %s is refused, and its password is not shown", (redisUrl) => {
  const problems = problemsWith({ genesys, redisUrl });
  expect(problems).toEqual([expect.stringContaining("must be like redis://host:6379 or ")]);
  expect(problems.join()).not.toContain("own-secret");
});

test("a log in Redis needs its address, and one log is enough", () => {
  expect(problemsWith({ genesys, resume: "redis" })).toEqual([
    'resume [GATESTREAM_RESUME] is "redis": set redisUrl [GATESTREAM_REDIS_URL].',
  ]);
  expect(problemsWith({ genesys, resume: "memory", log: {} })).toEqual([
    "log and resume [GATESTREAM_RESUME] both say where streams are kept: leave one out.",
  ]);
});
