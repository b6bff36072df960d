import type { IncomingMessage, RequestListener } from "node:http";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { startHttpServer, closedPort } from "../testing/servers.ts";
import { agentOf } from "../testing/upstream-under-test.ts";
import { TransientError } from "../retry.ts";
import { fetchAccessToken } from "./oauth.ts";

interface Change {
  readonly scope?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

function fetchFrom(origin: string, change: Change = {}) {
  const { scope, timeoutMs = 20_000, signal = new AbortController().signal } = change;
  const url = new URL("/oauth/token", origin);
  return fetchAccessToken(
    {
      dispatcher: agentOf(),
      url,
      clientId: "client",
      clientSecret: "s3cr3t:é",
      scope,
      timeoutMs,
    },
    signal,
  );
}

/** Answers with a status and body. */
function reply(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): RequestListener {
  return (_, response) => {
    response.writeHead(status, headers);
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
}

test("the client's credentials are sent as the grant asks", async () => {
  const asked: { request: IncomingMessage; body: string }[] = [];
  await using server = await startHttpServer(async (request, response) => {
    asked.push({ request, body: (await request.toArray()).join("") });
    reply(200, { access_token: "t", expires_in: 60 })(request, response);
  });
  await expect(fetchFrom(server.url)).resolves.toEqual({ value: "t", expiresInMs: 60_000 });
  await fetchFrom(server.url, { scope: "llm chat&more" });
  expect(asked[0]?.request).toMatchObject({
    method: "POST",
    url: "/oauth/token",
    headers: {
      authorization: `Basic ${Buffer.from("client:s3cr3t:é").toString("base64")}`,
      "content-type": "application/x-www-form-urlencoded",
    },
  });
  expect(asked.map(({ body }) => body)).toEqual([
    "grant_type=client_credentials",
    "grant_type=client_credentials&scope=llm+chat%26more",
  ]);
});

test.each([undefined, null, "86400", true])(
  "a life that is not stated is an hour: %j",
  async (life) => {
    await using server = await startHttpServer(reply(200, { access_token: "t", expires_in: life }));
    await expect(fetchFrom(server.url)).resolves.toEqual({ value: "t", expiresInMs: 3_600_000 });
  },
);

test.each([
  ["nothing", ""],
  ["an HTML page", "<h1>Sign in</h1>"],
  ["a list", "[]"],
  ["an object without a token", '{"expires_in":60}'],
  ["an empty token", '{"access_token":""}'],
  ["a token that is no text", '{"access_token":{"value":"t"}}'],
])("a reply of %s is no token", async (_, body) => {
  await using server = await startHttpServer(reply(200, body));
  await expect(fetchFrom(server.url)).rejects.toMatchObject({
    code: "gateway_auth_failed",
    message: "The gateway's token endpoint gave no token.",
  });
});

test("a refusal names the endpoint's code and keeps its correlation id for the operator", async () => {
  const body = { error: "invalid_client", description: "client not found: client" };
  await using server = await startHttpServer(reply(400, body, { "inin-correlation-id": "corr-1" }));
  const failure: unknown = await fetchFrom(server.url).catch((error: unknown) => error);
  expect(failure).not.toBeInstanceOf(TransientError);
  expect(failure).toMatchObject({
    code: "gateway_auth_failed",
    message: "The gateway refused the relay's credentials (invalid_client).",
    cause: { status: 400, code: "invalid_client", correlationId: "corr-1" },
  });
});

test.each([
  ["no code", {}],
  ["a code of other characters", { error: 'x"\\\n' }],
  ["a code that is too long", { error: "x".repeat(61) }],
  ["a code that is no text", { error: { message: 1 } }],
])("a refusal with %s is reported without it", async (_, body) => {
  await using server = await startHttpServer(reply(401, body));
  await expect(fetchFrom(server.url)).rejects.toMatchObject({
    code: "gateway_auth_failed",
    message: "The gateway refused the relay's credentials.",
  });
});

test("neither the secret nor its encoding is in any failure", async () => {
  await using refused = await startHttpServer(reply(401, { error: "invalid_client" }));
  await using away = await startHttpServer(reply(503, ""));
  await using broken = await startHttpServer(reply(200, "{"));
  const nobody = `http://127.0.0.1:${await closedPort()}`;
  for (const origin of [refused.url, away.url, broken.url, nobody]) {
    const failure: unknown = await fetchFrom(origin).catch((error: unknown) => error);
    const reported = inspect(failure, { depth: Infinity, showHidden: true, getters: true });
    expect(reported).toContain("gateway_");
    expect(reported).not.toContain("s3cr3t");
    expect(reported).not.toContain(Buffer.from("client:s3cr3t:é").toString("base64"));
  }
});

test.each([502, 503, 504])("an endpoint that answers %d may be tried again", async (status) => {
  await using server = await startHttpServer(reply(status, "", { "retry-after": "3" }));
  const failure: unknown = await fetchFrom(server.url).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(TransientError);
  expect(failure).toMatchObject({ code: "gateway_unavailable", retryAfterMs: 3_000 });
});

test("an endpoint that is rate limited may be tried again after its wait", async () => {
  await using server = await startHttpServer(reply(429, "", { "inin-ratelimit-reset": "7" }));
  const failure: unknown = await fetchFrom(server.url).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(TransientError);
  expect(failure).toMatchObject({ code: "gateway_rate_limited", retryAfterMs: 7_000 });
});

test("an endpoint that does not answer is given up", async () => {
  await using server = await startHttpServer(() => {});
  await expect(fetchFrom(server.url, { timeoutMs: 60 })).rejects.toMatchObject({
    code: "gateway_timeout",
    message: "The gateway took longer than 60 ms to give a token (handshakeDeadlineMs).",
  });
});

test("an abort ends the fetch with the signal's reason", async () => {
  const leaving = new AbortController();
  await using server = await startHttpServer(() => leaving.abort("closing"));
  await expect(fetchFrom(server.url, { signal: leaving.signal })).rejects.toBe("closing");
});
