import { assert, expect, test } from "vitest";
import { relayOptionsFromEnvironment, settingFromText } from "./environment.ts";
import { OptionsError, resolveSettings } from "./options.ts";
import { environmentName, settingNames, settingTable, type SettingName } from "./settings.ts";

const credentials = {
  GENESYS_CLIENT_ID: "my-id",
  GENESYS_CLIENT_SECRET: "my-own-secret",
  GENESYS_ENVIRONMENT: "mypurecloud.de",
};

/** Another text than the default's, that the setting takes. */
function exampleOf(name: SettingName): string {
  const row = settingTable[name];
  if (!("pattern" in row)) return String(row.default + 1);
  return { host: "localhost", auth: "none", basePath: "/other" }[name as "host"] ?? "";
}

test.each(settingNames)("%s is read from its environment variable", (name) => {
  const text = exampleOf(name);
  const environment = { ...credentials, [environmentName(name)]: text };
  const settings = resolveSettings(relayOptionsFromEnvironment(environment));
  expect(String(settings[name])).toBe(text);
  expect(typeof settings[name]).toBe(typeof settingTable[name].default);
  expect(settings[name]).not.toBe(settingTable[name].default);
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

test("misspelt GATESTREAM_ variables are refused, all at once, without their values", () => {
  const environment = {
    ...credentials,
    GATESTREAM_HEARTBEAT: "my-own-secret",
    GATESTREAM_PORT: "80",
    GATESTREAM_HEARTBEAT_MS: "200",
  };
  expect(() => resolveSettings(relayOptionsFromEnvironment(environment))).toThrow(
    new OptionsError([
      "GATESTREAM_HEARTBEAT is no option of the relay.",
      "GATESTREAM_PORT is no option of the relay.",
    ]),
  );
});

test("every wrong value is told in one message, by its variable and without a secret", () => {
  const environment = {
    GENESYS_CLIENT_SECRET: "my-own-secret",
    GENESYS_LOGIN_URL: "login",
    PORT: "http",
    GATESTREAM_HEARTBEAT_MS: "1.5",
    GATESTREAM_MAX_BODY_BYTES: "1MB",
    GATESTREAM_MAX_LINE_BYTES: "1.2.3",
    GATESTREAM_AUTH: "maybe",
  };
  const failure = ((): unknown => {
    try {
      return resolveSettings(relayOptionsFromEnvironment(environment));
    } catch (error) {
      return error;
    }
  })();
  assert(failure instanceof OptionsError);
  expect(failure.problems).toHaveLength(8);
  for (const told of [
    '[PORT] ("http") must be a whole number',
    "[GATESTREAM_HEARTBEAT_MS] (1.5) must be a whole number of ms",
    '[GATESTREAM_MAX_BODY_BYTES] ("1MB") must be a whole number of bytes',
    '[GATESTREAM_MAX_LINE_BYTES] ("1.2.3") must be a whole number of bytes',
    '[GATESTREAM_AUTH] ("maybe") must be "none"',
    "(GENESYS_CLIENT_ID) is missing",
    "(GENESYS_ENVIRONMENT) is missing",
    '(GENESYS_LOGIN_URL, "login") must be an http or https URL',
  ]) {
    expect(failure.message).toContain(told);
  }
  expect(failure.message).not.toContain("my-own-secret");
});

test.each([
  ["15", 15],
  [" 15 ", 15],
  ["-1", -1],
  ["1.5", 1.5],
  ["15s", "15s"],
  ["1e3", "1e3"],
  ["0x10", "0x10"],
  ["1.2.3", "1.2.3"],
  [".", "."],
  ["-", "-"],
])("the text %j of a number is %j: what is none stays text", (text, value) => {
  expect(settingFromText("heartbeatMs", text)).toBe(value);
});

test("the text of a text setting stays as it is", () => {
  expect(settingFromText("host", "127")).toBe("127");
});
