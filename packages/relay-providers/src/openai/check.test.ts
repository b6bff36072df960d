import type { RequestListener } from "node:http";
import { expect, test } from "vitest";
import type { UpstreamSettings } from "@gatestream/relay/parts";
import type { OpenaiOptions } from "../settings.ts";
import { findingsOf } from "../testing/findings-of.ts";
import { startHttpServer, closedPort } from "../../../relay/src/gateway/testing/servers.ts";
import { ampleSettings } from "../../../relay/src/gateway/testing/provider-under-test.ts";
import { startEmulator } from "../../../relay/src/gateway/testing/start-emulator.ts";
import { createOpenaiProvider } from "./provider.ts";

/** What the check finds at `url`. */
function check(url: string, change: Partial<UpstreamSettings & OpenaiOptions> = {}) {
  const options = { baseUrl: `${url}/v1`, ...change };
  return findingsOf(createOpenaiProvider(options, { ...ampleSettings, ...change }));
}

/** Answers each path with its status and body; any other with 404. */
function routes(table: Readonly<Record<string, readonly [number, unknown]>>): RequestListener {
  return (request, response) => {
    const [status, body] = table[request.url ?? ""] ?? [404, {}];
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };
}

const models = (...ids: readonly string[]) =>
  routes({ "/v1/models": [200, { object: "list", data: ids.map((id) => ({ id })) }] });

test("the server's models are listed, without a chat request", async () => {
  const asked: (string | undefined)[] = [];
  await using server = await startHttpServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    models("llama3", "qwen3")(request, response);
  });
  expect(await check(server.url, { apiKey: "my-key", models: { "cfg-1": "qwen3" } })).toEqual([
    {
      what: `server ${server.url}/v1/models`,
      outcome: "ok",
      message: "answers and has llama3, qwen3",
    },
  ]);
  expect(asked).toEqual(["GET /v1/models Bearer my-key"]);
});

test("of many models some are listed, with the total", async () => {
  await using server = await startHttpServer(models(..."abcdefg"));
  expect(await check(server.url)).toMatchObject([
    { message: "answers and has a, b, c, d, e, … (7)" },
  ]);
});

test("a model that the server does not list is warned of; one without its tag is listed", async () => {
  await using server = await startHttpServer(models("llama3:latest"));
  const [, ...warnings] = await check(server.url, {
    models: { "cfg-1": "llama3", "cfg-2": "gone" },
  });
  expect(warnings).toEqual([
    {
      what: "model gone of cfg-2",
      outcome: "warning",
      message: "the server does not list it: correct OPENAI_MODELS, or give the server that model.",
    },
  ]);
});

test.each([
  ["", /wants a key \(status 401\): set OPENAI_API_KEY/],
  ["my-own-key", /does not accept OPENAI_API_KEY \(status 401\)/],
])("a refused key is reported: %j", async (apiKey, told) => {
  await using server = await startHttpServer(routes({ "/v1/models": [401, {}] }));
  const findings = await check(server.url, { apiKey });
  expect(findings).toMatchObject([{ outcome: "failed", message: expect.stringMatching(told) }]);
  expect(JSON.stringify(findings)).not.toContain("my-own-key");
});

test("a server without a list of models is judged by its answer to the chat path", async () => {
  const { url } = await startEmulator();
  expect(await check(url)).toMatchObject([
    { outcome: "ok", message: "answers, but does not say which models it has" },
  ]);
  expect(await check(`${url}/elsewhere`)).toMatchObject([
    {
      outcome: "failed",
      message: expect.stringMatching(/neither models nor chat completions.+OPENAI_BASE_URL/),
    },
  ]);
});

test("an answer that is no list of models is reported as such", async () => {
  await using server = await startHttpServer(routes({ "/v1/models": [200, [{ id: "a" }]] }));
  expect(await check(server.url)).toMatchObject(
    [{ outcome: "ok", message: /does not say/ }].map(({ outcome, message }) => ({
      outcome,
      message: expect.stringMatching(message),
    })),
  );
});

test("a port without a listener, https to http, an HTML page and silence are each reported as such", async () => {
  await using page = await startHttpServer((_, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end("<h1>Sign in</h1>");
  });
  await using silent = await startHttpServer(() => {});
  const cases = [
    [`http://127.0.0.1:${await closedPort()}`, /ECONNREFUSED.+OPENAI_BASE_URL/],
    [page.url.replace("http:", "https:"), /does not speak TLS.+OPENAI_BASE_URL/],
    [page.url, /a page for people/],
    [silent.url, /does not answer in time.+OPENAI_BASE_URL/],
  ] as const;
  for (const [url, told] of cases) {
    const findings = await check(url, { handshakeDeadlineMs: url === silent.url ? 60 : 8_000 });
    expect(findings).toMatchObject([{ outcome: "failed", message: expect.stringMatching(told) }]);
  }
});

test("neither a query nor a password of the address is shown", async () => {
  await using server = await startHttpServer(models("a"));
  const baseUrl = `${server.url.replace("//", "//me:pass-word@")}/v1?key=query-key`;
  expect(JSON.stringify(await check("", { baseUrl }))).not.toMatch(/pass-word|query-key/);
});
