import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { genesysAt } from "../testing/genesys-under-test.ts";
import { startRawGateway } from "../testing/raw-gateway.ts";
import { startEmulator } from "../testing/start-emulator.ts";
import { startTcpServer } from "../testing/tcp-server.ts";

const stop = { type: "stop", reason: "stop" };

/** Answers with one status and body. */
function refuse(status: number, body: string | object = "", headers: Record<string, string> = {}) {
  return (_: unknown, response: ServerResponse): void => {
    response.writeHead(status, headers);
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
}

test("429, 502, 503 and 504 are tried again, not before their Retry-After", async () => {
  const asked = [429, 502, 503, 504].map(async (status) => {
    const times: number[] = [];
    await using server = await startRawGateway((request, response) => {
      times.push(performance.now());
      if (times.length > 1) response.end('{"type":"stop"}\n');
      else refuse(status, "", { "retry-after": "0.1" })(request, response);
    });
    const gateway = genesysAt(server.url);
    expect((await gateway.ask()).events).toEqual([stop]);
    expect(gateway.observed).toMatchObject([
      { type: "attempt_failed", attempt: 1, error: { retryAfterMs: 100 } },
      { type: "upstream_answered", attempts: 2 },
    ]);
    const [first = 0, second = 0] = times;
    // A timer may fire a millisecond early.
    expect(second - first).toBeGreaterThanOrEqual(99);
  });
  await Promise.all(asked);
});

test("a 503 whose body is cut is a 503 all the same, and is tried again", async () => {
  let chats = 0;
  await using server = await startRawGateway((_, response) => {
    chats += 1;
    if (chats > 1) return void response.end('{"type":"stop"}\n');
    response.writeHead(503, { "content-length": "100" });
    response.write("half", () => response.destroy());
  });
  const gateway = genesysAt(server.url);
  await gateway.ask();
  expect(gateway.observed).toMatchObject([
    { type: "attempt_failed", error: { code: "gateway_unavailable" } },
    { type: "upstream_answered", attempts: 2 },
  ]);
});

test.each([500, 501, 505])("%d is unavailable and not tried again", async (status) => {
  await using server = await startRawGateway(refuse(status));
  const gateway = genesysAt(server.url);
  await expect(gateway.open()).rejects.toMatchObject({
    code: "gateway_unavailable",
    message: `The gateway answered with status ${status}.`,
  });
  expect(server.paths).toHaveLength(2);
  expect(gateway.observed).toEqual([]);
});

test("connecting has its own limit, connectTimeoutMs", async () => {
  const { url } = await startEmulator();
  // It takes connections and never answers the TLS handshake.
  await using server = await startTcpServer(() => {});
  const apiUrl = `https://127.0.0.1:${server.port}`;
  const gateway = genesysAt(url, { apiUrl, connectTimeoutMs: 50, handshakeTries: 1 });
  await expect(gateway.open()).rejects.toMatchObject({
    code: "gateway_timeout",
    message: expect.stringContaining("(connectTimeoutMs)"),
  });
  expect(gateway.observed).toMatchObject([{ type: "attempt_failed", attempt: 1 }]);
});

test.each([
  [400, 400],
  [403, 502],
  [404, 502],
  [409, 502],
  [422, 502],
])("a refusal of %d is told as %d", async (status, told) => {
  await using server = await startRawGateway(refuse(status, { message: "No." }));
  await expect(genesysAt(server.url).open()).rejects.toMatchObject({
    code: "gateway_rejected",
    status: told,
    message: "The gateway refused the request: No.",
  });
});

test("a refusal keeps status, code, contextId and correlation id for the operator", async () => {
  const body = { message: "No.", code: "bad.request", status: 400, contextId: "ctx-1" };
  await using server = await startRawGateway(
    refuse(400, body, { "ININ-Correlation-Id": "corr-1" }),
  );
  await expect(genesysAt(server.url).open()).rejects.toMatchObject({
    cause: {
      message: "No.",
      status: 400,
      code: "bad.request",
      contextId: "ctx-1",
      correlationId: "corr-1",
    },
  });
});

test("a refusal's hosts and addresses reach neither the client nor the log", async () => {
  const message = "pod llm-7.svc.cluster.local (10.2.3.4) via https://api.mypurecloud.de/x failed";
  await using server = await startRawGateway(refuse(422, { message }));
  await expect(genesysAt(server.url).open()).rejects.toMatchObject({
    message: "The gateway refused the request: pod [host] ([address]) via [address] failed",
    cause: { message: "pod [host] ([address]) via [address] failed" },
  });
});

test("a refusal's ids of whatever length stay in the cause, where operators need them", async () => {
  const message = "Trace 3f2504e0-4f89-11d3-9a0c-0305e82c3301 failed";
  await using server = await startRawGateway(refuse(422, { message }));
  await expect(genesysAt(server.url).open()).rejects.toMatchObject({
    message: "The gateway refused the request: Trace [withheld] failed",
    cause: { message },
  });
});

test("a wait that the gateway states in words that the question has too is kept", async () => {
  const message = "Rate limit exceeded the maximum. Retry the request in [7] seconds";
  await using server = await startRawGateway(refuse(429, { message }));
  const failure = await genesysAt(server.url, { handshakeTries: 1 }).failureOf({
    question: "What is Retry the request in [7] seconds?",
  });
  expect(failure).toMatchObject({
    code: "gateway_rate_limited",
    retryAfterMs: 7_000,
    cause: { message: "Rate limit exceeded the maximum.[withheld]" },
  });
});

test.each(["code", "contextId"])(
  "a refusal's %s repeats nothing of the question",
  async (field) => {
    const question = "How do I reset my password?";
    await using server = await startRawGateway(refuse(400, { message: "No.", [field]: question }));
    const failure = await genesysAt(server.url).failureOf({ question });
    expect(failure).toMatchObject({ cause: { message: "No.", [field]: "[withheld]" } });
  },
);

test("an error in the middle repeats neither the question nor the token", async () => {
  const question = "How do I reset my password?";
  await using server = await startRawGateway((request, response) => {
    const { authorization = "" } = request.headers;
    const token = authorization.replace("Bearer ", "");
    const message = `Cannot go on with ${question} of ${authorization} and ${token}.`;
    response.end(`{"content":"a"}\n${JSON.stringify({ type: "error", message })}\n`);
  });
  expect(await genesysAt(server.url).failureOf({ question })).toMatchObject({
    code: "gateway_interrupted",
    message: expect.stringMatching(
      /: Cannot go on with \[withheld\] of Bearer \[withheld\] and \[withheld\]\.$/,
    ),
    cause: { message: "Cannot go on with [withheld] of Bearer [withheld] and [withheld]." },
  });
});

test("a token endpoint that repeats the secret and the header is told without them", async () => {
  await using server = await startRawGateway(
    (_, response) => void response.end(),
    (request, response) => {
      const { authorization } = request.headers;
      const message = `demo-secret is not accepted, nor ${authorization} or ${authorization?.slice(6)}`;
      refuse(401, { error: "invalid_client", error_description: message })(request, response);
    },
  );
  expect(await genesysAt(server.url).failureOf()).toMatchObject({
    code: "gateway_auth_failed",
    cause: {
      code: "invalid_client",
      message: "[withheld] is not accepted, nor Basic [withheld] or [withheld]",
    },
  });
});

test.each([
  ["nothing", ""],
  ["an HTML page", "<!doctype html><h1>Forbidden by proxy</h1>"],
  ["a JSON list", '["no"]'],
  ["fields of other types", '{"message":7,"code":{},"contextId":null}'],
  ["more than is read", JSON.stringify({ message: "x".repeat(200_000) })],
])("a refusal whose body is %s gives no reason", async (_, body) => {
  await using server = await startRawGateway(refuse(403, body));
  await expect(genesysAt(server.url).open()).rejects.toMatchObject({
    code: "gateway_rejected",
    message: "The gateway refused the request: It gave no reason.",
    cause: { status: 403, code: undefined, contextId: undefined },
  });
});

test.each([201, 206, 301, 302, 304])("status %d is not taken for an answer", async (status) => {
  await using server = await startRawGateway(refuse(status, "", { location: "/elsewhere" }));
  await expect(genesysAt(server.url).open()).rejects.toMatchObject({
    code: "gateway_protocol_error",
    message: `The gateway answered with status ${status} instead of a stream.`,
  });
  expect(server.paths).toHaveLength(2);
});

test("an HTML page is told by its content type in whatever case", async () => {
  await using server = await startRawGateway(refuse(200, "<p>", { "content-type": "TEXT/HTML" }));
  await expect(genesysAt(server.url).open()).rejects.toMatchObject({
    code: "gateway_protocol_error",
  });
});
