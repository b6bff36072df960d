import { once } from "node:events";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { errorTable, type ErrorCode } from "@gatestream/protocol";
import { expect, test } from "vitest";
import { createRelay } from "../../src/relay.ts";
import { ask, question, refusalIn, replyTo, type Reply } from "@gatestream/testing/ask";
import { abandonedUrl } from "@gatestream/testing/host";
import { startRelay, type RelayUnderTestOptions } from "@gatestream/testing/relay-under-test";

/** What every refusal must be, whatever its reason. */
function expectRefusal(reply: Reply, code: ErrorCode, status: number = errorTable[code].status) {
  const refusal = refusalIn(reply);
  expect([reply.status, refusal.code]).toEqual([status, code]);
  expect(Object.keys(JSON.parse(reply.text))).toEqual(["error"]);
  expect(refusal).toEqual({
    code,
    message: expect.stringMatching(/^[A-Za-z].{10,}$/),
    retryable: errorTable[code].retryable,
    requestId: reply.headers["x-request-id"],
    ...(refusal.retryAfterMs === undefined ? {} : { retryAfterMs: expect.any(Number) }),
  });
  expect(reply.headers).toMatchObject({
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-length": String(Buffer.byteLength(reply.text)),
  });
  expect(reply.headers["x-stream-id"]).toBeUndefined();
  return refusal;
}

test.each([
  "/",
  "/api/llm",
  "/api/llm/",
  "/api/llm/streams",
  "/api/llm/stream/",
  "/api/llmstream",
  "/API/LLM/stream",
  "//api/llm/stream",
])("there is nothing at %s: not_found", async (path) => {
  await using under = await startRelay();
  const reply = await replyTo(ask(under.url + path, question("Hello")));
  expectRefusal(reply, "not_found");
  expect(await under.untilObserved("request_refused")).toMatchObject({ method: "POST", path });
});

test.each(["GET", "PUT", "DELETE", "OPTIONS", "PATCH"])(
  "%s is no method of a stream: method_not_allowed, with Allow",
  async (method) => {
    await using under = await startRelay();
    const reply = await replyTo(ask(under.streamUrl, undefined, { method }));
    expect(expectRefusal(reply, "method_not_allowed").message).toBe("This path takes POST.");
    expect(reply.headers.allow).toBe("POST");
  },
);

test("HEAD gets the status without a body", async () => {
  await using under = await startRelay();
  const reply = await replyTo(ask(under.streamUrl, undefined, { method: "HEAD" }));
  expect(reply).toMatchObject({ status: 405, text: "" });
});

test.each([
  { "Content-Type": "text/plain" },
  { "Content-Type": "multipart/form-data; boundary=x" },
])("%o is unsupported_media_type", async (headers) => {
  await using under = await startRelay();
  const reply = await replyTo(ask(under.streamUrl, question("Hello"), { headers }));
  expectRefusal(reply, "unsupported_media_type");
});

test("a compressed body is unsupported_media_type", async () => {
  await using under = await startRelay();
  const body = gzipSync(JSON.stringify(question("Hello")));
  const headers = { "Content-Encoding": "gzip" };
  const reply = await replyTo(ask(under.streamUrl, body, { headers }));
  expectRefusal(reply, "unsupported_media_type");
});

test.each([
  ["of a stated length", {}],
  ["in chunks", { "Transfer-Encoding": "chunked" }],
])("a body that is too large, %s, is payload_too_large", async (_, headers) => {
  await using under = await startRelay({ maxBodyBytes: 1024 });
  const reply = await replyTo(ask(under.streamUrl, question("x".repeat(1024)), { headers }));
  expect(expectRefusal(reply, "payload_too_large").message).toContain("maxBodyBytes (1024)");
  expect(under.emulator.calls).toEqual([]);
});

test("a client that is still sending is refused at once when its body is too large", async () => {
  await using under = await startRelay({ maxBodyBytes: 1024 });
  const socket = connect(Number(new URL(under.url).port), "127.0.0.1");
  socket.on("error", () => {});
  socket.write(
    "POST /api/llm/stream HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
      `Content-Length: 1000000\r\n\r\n${"x".repeat(5000)}`,
  );
  const [piece] = await once(socket, "data");
  expect(String(piece)).toMatch(/^HTTP\/1\.1 413 /);
  socket.destroy();
});

test.each<[string, unknown, string]>([
  ["no JSON", "{", "The body is not valid JSON in UTF-8."],
  ["nothing", "", "The body is not valid JSON in UTF-8."],
  [
    "invalid UTF-8",
    Buffer.concat([Buffer.from('{"configurationId":"'), Buffer.from([0xff]), Buffer.from('"}')]),
    "The body is not valid JSON in UTF-8.",
  ],
  ["a text", '"Hello"', "the body must be an object."],
  ["no messages", { configurationId: "cfg-1" }, "messages is required."],
  [
    "an unknown field",
    { ...question("Hello"), temperature: 1 },
    "temperature is not a field of this request.",
  ],
  [
    "a wrong type",
    { configurationId: 1, messages: [{ role: "user", content: 1 }] },
    "configurationId must be a string; messages.0.content must be a string.",
  ],
  [
    "too many messages",
    {
      configurationId: "cfg-1",
      messages: Array.from({ length: 257 }, () => question("").messages[0]),
    },
    "messages must not hold more than 256 messages.",
  ],
  [
    "too long a message",
    question("x".repeat(200_001)),
    "messages.0.content must not be longer than 200000 characters.",
  ],
])("%s is invalid_request, which names what is wrong", async (_, body, message) => {
  await using under = await startRelay();
  const reply = await replyTo(ask(under.streamUrl, body));
  expect(expectRefusal(reply, "invalid_request").message).toBe(message);
  expect(under.emulator.calls).toEqual([]);
});

test.each<[string, RelayUnderTestOptions, ErrorCode, number?]>([
  ["the gateway says 400", { emulator: { scenario: "bad-request" } }, "gateway_rejected", 400],
  ["the gateway says 403", { emulator: { scenario: "forbidden" } }, "gateway_rejected"],
  [
    "the gateway refuses the token",
    { emulator: { scenario: "unauthorized-always" } },
    "gateway_auth_failed",
  ],
  [
    "the gateway refuses the credentials",
    { genesys: { clientSecret: "wrong" } },
    "gateway_auth_failed",
  ],
  [
    "the gateway is unavailable",
    { emulator: { scenario: "unavailable-always" }, handshakeTries: 1 },
    "gateway_unavailable",
  ],
  [
    "the token endpoint is down",
    { emulator: { scenario: "token-endpoint-down" }, handshakeTries: 1 },
    "gateway_unavailable",
  ],
  [
    "the gateway is silent",
    { emulator: { scenario: "silent" }, firstByteTimeoutMs: 50 },
    "gateway_timeout",
  ],
  ["the gateway sends a login page", { emulator: { scenario: "html" } }, "gateway_protocol_error"],
])("%s: a refusal", async (_, options, code, status) => {
  await using under = await startRelay(options);
  const reply = await replyTo(ask(under.streamUrl, question("Hello")));
  const { message } = expectRefusal(reply, code, status);
  expect(message).not.toMatch(/127\.0\.0\.1|wrong|demo-/);
  expect(reply.headers["retry-after"]).toBeUndefined();
  expect(await under.untilObserved("stream_ended")).toMatchObject({
    ending: "error",
    error: { code },
    readerLeft: false,
    tokens: 0,
  });
});

test("the gateway's rate limit is 429 with Retry-After in seconds and retryAfterMs", async () => {
  await using under = await startRelay({
    emulator: { scenario: "rate-limited-always" },
    handshakeTries: 1,
  });
  const reply = await replyTo(ask(under.streamUrl, question("Hello")));
  expect(expectRefusal(reply, "gateway_rate_limited")).toMatchObject({ retryAfterMs: 1000 });
  expect(reply.headers["retry-after"]).toBe("1");
});

test("a gateway without a listener is gateway_unavailable, without its address", async () => {
  const apiUrl = await abandonedUrl();
  await using under = await startRelay({
    handshakeTries: 2,
    genesys: { apiUrl },
  });
  const reply = await replyTo(ask(under.streamUrl, question("Hello")));
  const { message } = expectRefusal(reply, "gateway_unavailable");
  expect(message).not.toContain(new URL(apiUrl).port);
  const attempts = under.observed.filter(({ type }) => type === "attempt_failed");
  expect(attempts).toMatchObject([{ attempt: 1, waitMs: expect.any(Number) }, { attempt: 2 }]);
});

test("a fault of the relay is internal_error, and only its observer gets the cause", async () => {
  const boom = new Error("boom at secret.internal");
  const observed: unknown[] = [];
  const relay = createRelay({
    port: 0,
    provider: { name: "broken", open: () => Promise.reject(boom), close: async () => {} },
    observer: (event) => observed.push(event),
  });
  const { url } = await relay.listen();
  const reply = await replyTo(ask(`${url}/api/llm/stream`, question("Hello")));
  await relay.close();
  expect(expectRefusal(reply, "internal_error").message).toBe(
    "The relay failed; its log tells why.",
  );
  expect(observed.at(-1)).toMatchObject({ type: "stream_ended", error: { cause: boom } });
});

test("a connection serves on after a refusal", async () => {
  await using under = await startRelay({ maxBodyBytes: 1024 });
  const socket = connect(Number(new URL(under.url).port), "127.0.0.1");
  const send = async (path: string, body: string): Promise<string> => {
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${body.length}\r\n\r\n${body}`,
    );
    const [piece] = await once(socket, "data");
    return String(piece).slice(0, 12);
  };
  expect(await send("/nowhere", "{}")).toBe("HTTP/1.1 404");
  expect(await send("/api/llm/stream", "{")).toBe("HTTP/1.1 400");
  expect(await send("/api/llm/stream", "x".repeat(3_000_000))).toBe("HTTP/1.1 413");
  expect(await send("/nowhere", "{}")).toBe("HTTP/1.1 404");
  socket.destroy();
});

test("Prefer: respond-async without resumption is refused, whatever else is preferred", async () => {
  await using under = await startRelay({ resume: "off" });
  const headers = { Prefer: "wait=10, respond-async" };
  const reply = await replyTo(ask(under.streamUrl, question("Hello"), { headers }));
  expect(expectRefusal(reply, "invalid_request").message).toContain("respond-async");
  expect(under.emulator.calls).toEqual([]);
});

test("a rate limit without a stated wait is passed on with one", async () => {
  await using under = await startRelay({ handshakeTries: 1 });
  const reply = await replyTo(ask(under.streamUrl, question("/scenario rate-limited-bare")));
  expect(expectRefusal(reply, "gateway_rate_limited").retryAfterMs).toBe(1_000);
  expect(reply.headers["retry-after"]).toBe("1");
});
