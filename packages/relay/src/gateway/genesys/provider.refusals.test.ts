import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { genesysAt } from "../testing/provider-under-test.ts";
import { startRawGateway } from "../testing/servers.ts";

const stop = { type: "stop", reason: "stop" };
const chatPath = "/api/v2/ai/llm/gateway/chat";
const mayHaveBeenBilled =
  "It may have taken the request, so it was not asked again: the request may have been billed.";

/** Answers with one status and body. */
function refuse(status: number, body: string | object = "", headers: Record<string, string> = {}) {
  return (_: unknown, response: ServerResponse): void => {
    response.writeHead(status, headers);
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
}

test.each([
  [[429, 503], false],
  [[429, 502, 503, 504], true],
])(
  "%j are tried again, not before their Retry-After: retryUnanswered %j",
  async (statuses, retryUnanswered) => {
    const asked = statuses.map(async (status) => {
      const times: number[] = [];
      await using server = await startRawGateway((request, response) => {
        times.push(performance.now());
        if (times.length > 1) response.end('{"type":"stop"}\n');
        else refuse(status, "", { "retry-after": "0.1" })(request, response);
      });
      const gateway = genesysAt(server.url, { retryUnanswered });
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
  },
);

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

test.each([500, 501, 502, 504, 505])(
  "%d may have been billed: it is reported as such and not retried",
  async (status) => {
    await using server = await startRawGateway(refuse(status));
    const gateway = genesysAt(server.url);
    await expect(gateway.open()).rejects.toMatchObject({
      code: "gateway_unavailable",
      status: 502,
      retryable: false,
      message: `The gateway answered with status ${status}. ${mayHaveBeenBilled}`,
    });
    expect(server.paths).toEqual(["/oauth/token", chatPath]);
    expect(gateway.observed).toEqual([]);
  },
);

test.each([
  [400, 400],
  [403, 502],
  [404, 502],
  [409, 502],
  [422, 502],
])("a refusal of %d is reported as %d", async (status, reported) => {
  await using server = await startRawGateway(refuse(status, { message: "No.", code: "no" }));
  await expect(genesysAt(server.url).open()).rejects.toMatchObject({
    code: "gateway_rejected",
    status: reported,
    message: `The gateway refused the request (status ${status}, code no).`,
  });
});

test("a refusal keeps status, code, contextId and correlation id for the operator", async () => {
  const body = { message: "No.", code: "bad.request", status: 400, contextId: "ctx-1" };
  await using server = await startRawGateway(
    refuse(400, body, { "ININ-Correlation-Id": "corr-1" }),
  );
  await expect(genesysAt(server.url).open()).rejects.toMatchObject({
    cause: {
      message: "The gateway failed (status 400, code bad.request).",
      status: 400,
      code: "bad.request",
      contextId: "ctx-1",
      correlationId: "corr-1",
    },
  });
});

/** Bodies as these servers send them. */
const refusals: readonly (readonly [server: string, body: unknown, code: string])[] = [
  [
    "Genesys",
    { message: "Not found", code: "not.found", status: 404, contextId: "c-1" },
    "not.found",
  ],
  [
    "OpenAI",
    {
      error: {
        message: "The model `x` does not exist or you do not have access to it.",
        type: "invalid_request_error",
        param: null,
        code: "model_not_found",
      },
    },
    "model_not_found",
  ],
  [
    "Mistral",
    {
      object: "error",
      message: {
        detail: [
          {
            type: "extra_forbidden",
            loc: ["body", "stream_options"],
            msg: "Extra inputs are not permitted",
          },
        ],
      },
      type: "invalid_request_error",
      param: null,
      code: null,
    },
    "invalid_request_error",
  ],
  [
    "FastAPI",
    { detail: [{ type: "missing", loc: ["body", "model"], msg: "Field required", input: {} }] },
    "missing",
  ],
  [
    "Gemini",
    [{ error: { code: 404, message: "models/x is not found", status: "NOT_FOUND" } }],
    "NOT_FOUND",
  ],
  [
    "llama.cpp",
    {
      error: {
        code: 400,
        message: "the request exceeds the context",
        type: "exceed_context_size_error",
      },
    },
    "exceed_context_size_error",
  ],
];

test.each(refusals)("the code of a refusal is found where %s puts it", async (_, body, code) => {
  await using server = await startRawGateway(refuse(422, body as object));
  await expect(genesysAt(server.url).open()).rejects.toMatchObject({
    message: `The gateway refused the request (status 422, code ${code}).`,
    cause: { status: 422, code },
  });
});

test("a refusal's sentences reach neither the client nor the log", async () => {
  const said = "pod llm-7.svc.cluster.local (10.2.3.4) cannot answer your question";
  const body = { message: said, code: said, contextId: said, error: { message: said } };
  await using server = await startRawGateway(refuse(422, body));
  await expect(genesysAt(server.url).open()).rejects.toMatchObject({
    message: "The gateway refused the request (status 422).",
    cause: { message: "The gateway failed (status 422).", code: undefined, contextId: undefined },
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
  });
});

test.each([
  ["closed", (socket: Socket) => socket.end()],
  ["reset", (socket: Socket) => socket.resetAndDestroy()],
])(
  "a connection that is %s after the request may have been billed: it is reported as such and not retried",
  async (_, breakOff) => {
    await using server = await startRawGateway((request) => {
      request.resume().on("end", () => breakOff(request.socket));
    });
    const gateway = genesysAt(server.url);
    await expect(gateway.open()).rejects.toMatchObject({
      code: "gateway_unavailable",
      retryable: false,
      message: `The connection to the gateway broke before it answered. ${mayHaveBeenBilled}`,
    });
    expect(server.paths).toEqual(["/oauth/token", chatPath]);
    expect(gateway.observed).toEqual([]);
    const asBefore = genesysAt(server.url, { retryUnanswered: true, handshakeTries: 2 });
    await expect(asBefore.open()).rejects.toMatchObject({
      code: "gateway_unavailable",
      retryable: true,
    });
    expect(server.paths).toEqual(["/oauth/token", chatPath, "/oauth/token", chatPath, chatPath]);
  },
);

test("a connection that breaks before the request is written whole is tried again", async () => {
  let chats = 0;
  await using server = await startRawGateway((request, response) => {
    chats += 1;
    if (chats > 1) return void request.resume().on("end", () => response.end('{"type":"stop"}\n'));
    request.socket.resetAndDestroy();
  });
  // More than the buffers between two sockets hold.
  const gateway = genesysAt(server.url);
  const { events } = await gateway.ask({ question: "x".repeat(32 * 1024 * 1024) });
  expect(events).toEqual([stop]);
  expect(chats).toBe(2);
});

test("a token endpoint that answers 502 or breaks off is asked again: tokens cost nothing", async () => {
  let tokens = 0;
  await using server = await startRawGateway(
    (_, response) => void response.end('{"type":"stop"}\n'),
    (request, response) => {
      tokens += 1;
      if (tokens === 1) return void refuse(502)(request, response);
      if (tokens === 2) return void request.socket.resetAndDestroy();
      refuse(200, { access_token: "t", expires_in: 60 })(request, response);
    },
  );
  expect((await genesysAt(server.url).ask()).events).toEqual([stop]);
  expect(tokens).toBe(3);
});

test.each([
  ["nothing", ""],
  ["an HTML page", "<!doctype html><h1>Forbidden by proxy</h1>"],
  ["a JSON list", '["no"]'],
  ["fields of other types", '{"message":7,"code":{},"contextId":null}'],
  ["more than is read", JSON.stringify({ message: "x".repeat(200_000) })],
])("a refusal whose body is %s is reported with its status", async (_, body) => {
  await using server = await startRawGateway(refuse(403, body));
  await expect(genesysAt(server.url).open()).rejects.toMatchObject({
    code: "gateway_rejected",
    message: "The gateway refused the request (status 403).",
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

test("an HTML page is recognized by its content type in any case", async () => {
  await using server = await startRawGateway(refuse(200, "<p>", { "content-type": "TEXT/HTML" }));
  await expect(genesysAt(server.url).open()).rejects.toMatchObject({
    code: "gateway_protocol_error",
  });
});
