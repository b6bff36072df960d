import type { RequestListener } from "node:http";
import { expect, test } from "vitest";
import type { GenesysOptions } from "@gatestream/relay";
import type { UpstreamSettings } from "@gatestream/relay/command";
import {
  startHttpServer,
  startRawGateway,
  closedPort,
} from "../../../relay/src/gateway/testing/servers.ts";
import { readAll } from "../../../relay/src/gateway/testing/upstream-responses.ts";
import { ampleSettings } from "../../../relay/src/gateway/testing/provider-under-test.ts";
import { startEmulator } from "../../../relay/src/gateway/testing/start-emulator.ts";
import { checkGenesys } from "./genesys.ts";

/** What the check finds at `url`. */
function check(url: string, change: Partial<UpstreamSettings & GenesysOptions> = {}) {
  const client = { clientId: "demo-client", clientSecret: "demo-secret" };
  return findingsOf({ ...client, loginUrl: url, apiUrl: url, ...change }, change);
}

async function findingsOf(options: GenesysOptions, change: Partial<UpstreamSettings> = {}) {
  const { signal } = new AbortController();
  const findings = checkGenesys(options, { ...ampleSettings, ...change }, signal);
  const { items, failure } = await readAll(findings);
  expect(failure).toBeUndefined();
  return items;
}

function reply(status: number, body = "", headers: Record<string, string> = {}): RequestListener {
  return (_, response) => void response.writeHead(status, headers).end(body);
}

const html = reply(200, "<!DOCTYPE html><h1>Sign in</h1>", { "content-type": "text/html" });
const methodNotAllowed = reply(405, '{"message":"Use POST."}');

test("a gateway that is there gives a token and takes it, and no chat is asked for", async () => {
  const { emulator, url } = await startEmulator();
  expect(await check(url)).toEqual([
    {
      what: `token endpoint ${url}/oauth/token`,
      outcome: "ok",
      message: "gives tokens, which last 86400 s",
    },
    {
      what: `gateway ${url}/api/v2/ai/llm/gateway/chat`,
      outcome: "ok",
      message: "answers and takes the token",
    },
  ]);
  expect(emulator.calls).toMatchObject([
    { kind: "token", status: 200 },
    { kind: "chat", status: 405, headers: { authorization: expect.stringMatching(/^Bearer .+/) } },
  ]);
});

test("wrong credentials are reported by the variables that hold them, without the secret", async () => {
  const { url } = await startEmulator();
  const [tokens, gateway] = await check(url, { clientSecret: "my-own-secret" });
  expect(tokens?.outcome).toBe("failed");
  expect(tokens?.message).toMatch(/^GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET are not accepted/);
  expect(gateway).toMatchObject({
    outcome: "ok",
    message: "answers; without a token no more can be tried",
  });
  expect(JSON.stringify([tokens, gateway])).not.toContain("my-own-secret");
});

test.each([
  [400, "unauthorized_client", /grant type must be "Client Credentials"/],
  [400, "unsupported_grant_type", /grant type must be "Client Credentials"/],
  [400, "invalid_scope", /change GENESYS_SCOPE/],
  [400, "invalid_client", /GENESYS_CLIENT_SECRET are not accepted \(status 400\)/],
  [401, "", /GENESYS_CLIENT_SECRET are not accepted \(status 401\)/],
  [400, "", /gives no token \(status 400\)\. GENESYS_LOGIN_URL/],
  [404, "", /gives no token \(status 404\)\. GENESYS_LOGIN_URL/],
  [302, "", /sends one on/],
  [429, "", /rate limit/],
  [503, "", /away or overloaded \(status 503\)/],
] as const)(
  "a token endpoint that answers %d %s is reported with its remedy",
  async (status, error, told) => {
    const body = error === "" ? "" : JSON.stringify({ error, description: "no" });
    await using server = await startRawGateway(methodNotAllowed, reply(status, body));
    const [tokens] = await check(server.url);
    expect(tokens).toMatchObject({ outcome: "failed", message: expect.stringMatching(told) });
  },
);

test("a port without a listener is reported for both, each with its variable", async () => {
  const url = `http://127.0.0.1:${await closedPort()}`;
  expect(await check(url)).toEqual(
    ["GENESYS_LOGIN_URL", "GENESYS_API_URL"].map((variable) => ({
      what: expect.stringContaining(url),
      outcome: "failed",
      message: `nobody listens there: the server does not run, or its port is another (ECONNREFUSED). ${variable} says where it is.`,
    })),
  );
});

test("a host that follows from the environment is reported by that variable", async () => {
  const options = { clientId: "c", clientSecret: "s", environment: "localhost" };
  expect(await findingsOf(options, { handshakeDeadlineMs: 1_000 })).toMatchObject([
    {
      outcome: "failed",
      message: expect.stringMatching(/\. GENESYS_ENVIRONMENT says where it is\.$/),
    },
    {
      outcome: "failed",
      message: expect.stringMatching(/\. GENESYS_ENVIRONMENT says where it is\.$/),
    },
  ]);
});

test("https to an http server is reported as such", async () => {
  await using server = await startHttpServer(html);
  for (const finding of await check(server.url.replace("http:", "https:"))) {
    expect(finding).toMatchObject({
      outcome: "failed",
      message: expect.stringMatching(/^it does not speak TLS there/),
    });
  }
});

test("an HTML page is reported as something in between", async () => {
  await using server = await startHttpServer(html);
  const [tokens, gateway] = await check(server.url);
  expect(tokens).toMatchObject({
    outcome: "failed",
    message: expect.stringMatching(/no token, such as a page.+GENESYS_LOGIN_URL/),
  });
  expect(gateway).toMatchObject({
    outcome: "failed",
    message: expect.stringMatching(/page for people.+GENESYS_API_URL/),
  });
});

test("a gateway whose refusals are HTML pages is reported as reachable", async () => {
  const refusal = reply(405, "<!DOCTYPE html><h1>Use POST</h1>", { "content-type": "text/html" });
  await using server = await startRawGateway(refusal);
  const [, gateway] = await check(server.url);
  expect(gateway).toMatchObject({ outcome: "ok" });
});

test("a server that accepts the connection and stays silent is reported, within the time limit", async () => {
  await using server = await startHttpServer(() => {});
  for (const finding of await check(server.url, { handshakeDeadlineMs: 60 })) {
    expect(finding).toMatchObject({
      outcome: "failed",
      message: expect.stringMatching(/^it takes the connection and does not answer in time\./),
    });
  }
});

test.each([
  [401, "failed", /refuses the token.+one region/],
  [403, "warning", /roles lack/],
  [404, "warning", /GENESYS_GATEWAY_PATH and GENESYS_API_URL/],
  [400, "ok", /^answers and takes the token$/],
  [307, "failed", /sends one on to elsewhere \(status 307\)/],
  [407, "failed", /proxy/],
  [429, "failed", /rate limit/],
  [502, "failed", /away or overloaded \(status 502\)/],
] as const)("a gateway that answers a GET with %d is %s", async (status, outcome, told) => {
  await using server = await startRawGateway(reply(status));
  const [, gateway] = await check(server.url);
  expect(gateway).toMatchObject({ outcome, message: expect.stringMatching(told) });
});

test("it ends when its signal aborts", async () => {
  const leaving = new AbortController();
  const asked: (string | undefined)[] = [];
  await using server = await startHttpServer(({ url }) => {
    asked.push(url);
    leaving.abort(new Error("given up"));
  });
  const client = { clientId: "c", clientSecret: "s", loginUrl: server.url, apiUrl: server.url };
  const findings = checkGenesys(client, ampleSettings, leaving.signal);
  expect(await findings.next()).toMatchObject({ value: { outcome: "failed" } });
  expect(await findings.next()).toMatchObject({ value: { outcome: "failed" } });
  expect(await findings.next()).toMatchObject({ done: true });
  expect(asked).toEqual(["/oauth/token"]);
});
