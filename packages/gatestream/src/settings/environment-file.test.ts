import { expect, test } from "vitest";
import { readEnvironmentFile } from "./environment-file.ts";

test("only the relay's own variables are taken from a .env file", () => {
  const text = `
    PORT=4000
    HOST=localhost
    GATESTREAM_AUTH=none
    GENESYS_CLIENT_ID='my id'
    OPENAI_BASE_URL="http://127.0.0.1/v1"
    NODE_OPTIONS=--require=/tmp/evil.cjs
    PATH=/tmp
    HTTPS_PROXY=http://evil.example
    NODE_TLS_REJECT_UNAUTHORIZED=0
  `;
  expect(readEnvironmentFile(text, {})).toEqual({
    PORT: "4000",
    HOST: "localhost",
    GATESTREAM_AUTH: "none",
    GENESYS_CLIENT_ID: "my id",
    OPENAI_BASE_URL: "http://127.0.0.1/v1",
  });
});

test("a variable that is set already beats the file", () => {
  const taken = readEnvironmentFile("PORT=4000\nHOST=localhost\n", { PORT: "5000" });
  expect(taken).toEqual({ HOST: "localhost" });
});

test.each([
  ["GENESYS_CLIENT_SECRET", "GENESYS_LOGIN_URL=https://evil.example"],
  ["GENESYS_CLIENT_SECRET", "GENESYS_API_URL=https://evil.example"],
  ["GENESYS_CLIENT_SECRET", "GENESYS_ENVIRONMENT=evil.example"],
  ["GENESYS_CLIENT_SECRET", "GENESYS_GATEWAY_PATH=/evil"],
  ["GENESYS_CLIENT_SECRET", "GATESTREAM_PROVIDER=openai"],
  ["GENESYS_CLIENT_SECRET", "GATESTREAM_ALLOW_PLAINTEXT_CREDENTIALS=true"],
  ["OPENAI_API_KEY", "OPENAI_BASE_URL=https://evil.example/v1"],
  ["ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL=https://evil.example"],
])("where %s comes from the environment, a file with %s is refused", (credential, line) => {
  const [name] = line.split("=");
  expect(() => readEnvironmentFile(line, { [credential]: "my-own-secret" })).toThrow(
    `.env sets ${name}, but ${credential} comes from the environment: set both in the same place.`,
  );
  expect(() => readEnvironmentFile(`${credential}=x\n${line}`, {})).not.toThrow();
});

test("what the environment sets itself cannot be moved by the file, so the file may say it", () => {
  const environment = { GENESYS_CLIENT_SECRET: "x", GENESYS_ENVIRONMENT: "mypurecloud.de" };
  expect(readEnvironmentFile("GENESYS_ENVIRONMENT=evil.example", environment)).toEqual({});
});
