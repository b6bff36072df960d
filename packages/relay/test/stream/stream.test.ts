import { once } from "node:events";
import { connect } from "node:net";
import { type ScenarioName, scenarioNames } from "@gatestream/emulator";
import { isTerminal, type StreamEvent } from "@gatestream/protocol";
import { assert, describe, expect, test } from "vitest";
import { createRelay } from "../../src/relay.ts";
import type { RelayBaseOptions } from "../../src/settings/options.ts";
import { ask, question, refusalIn, replyTo, responseTo } from "@gatestream/testing/ask";
import { parseStream, tokensIn } from "@gatestream/testing/parse-events";
import { startRelay } from "@gatestream/testing/relay-under-test";

test("the head of a stream is exactly the protocol's: proxies must not transform or buffer it", async () => {
  await using under = await startRelay();
  const asking = ask(under.streamUrl, question("/scenario many-tokens 1"));
  const response = await responseTo(asking);
  response.resume();
  const { rawHeaders } = response;
  const headers = Object.fromEntries(
    rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1]]] : [])),
  );
  expect(response.statusCode).toBe(200);
  expect(headers).toEqual({
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-cache, no-store, no-transform",
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
    "X-Stream-Id": expect.stringMatching(/^[\w-]{22}$/),
    "X-Request-Id": expect.stringMatching(/^[\w.:-]{1,128}$/),
    Date: expect.any(String),
    Connection: "close",
    "Transfer-Encoding": "chunked",
  });
});

test("a stream is start, numbered tokens and one stop, byte for byte", async () => {
  await using under = await startRelay({ heartbeatMs: 20_000 });
  const { text, headers } = await replyTo(
    ask(under.streamUrl, question("/scenario many-tokens 3")),
  );
  expect(text).toBe(
    "retry: 2000\n" +
      `event: start\ndata: {"type":"start","streamId":"${headers["x-stream-id"]}","resumable":false,"resumableForMs":0,"heartbeatMs":20000}\n\n` +
      'data: {"type":"token","content":"0 ","index":0}\nid: 1\n\n' +
      'data: {"type":"token","content":"1 ","index":1}\nid: 2\n\n' +
      'data: {"type":"token","content":"2 ","index":2}\nid: 3\n\n' +
      'data: {"type":"stop","reason":"stop"}\nid: 4\n\n',
  );
});

test("stream ids are never used twice", async () => {
  await using under = await startRelay();
  const replies = await Promise.all(
    Array.from({ length: 20 }, () =>
      replyTo(ask(under.streamUrl, question("/scenario many-tokens 1"))),
    ),
  );
  expect(new Set(replies.map(({ headers }) => headers["x-stream-id"])).size).toBe(20);
});

test.each(["a", "req-1.2:3_4", "x".repeat(128)])(
  "the request id %s is safe: it is echoed and reported to the operator",
  async (requestId) => {
    await using under = await startRelay();
    const reply = await replyTo(
      ask(under.streamUrl, question("/scenario many-tokens 1"), {
        headers: { "X-Request-Id": requestId },
      }),
    );
    expect(reply.headers["x-request-id"]).toBe(requestId);
    expect(await under.untilObserved("stream_ended")).toMatchObject({ requestId });
  },
);

test.each(["with space", "<script>", "x".repeat(129), "", "é"])(
  "the request id %j is not safe: a new one takes its place",
  async (requestId) => {
    await using under = await startRelay();
    const { headers } = await replyTo(
      ask(`${under.url}/nowhere`, {}, { headers: { "X-Request-Id": requestId } }),
    );
    expect(headers["x-request-id"]).toMatch(/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/);
  },
);

test("an error event carries the request's id", async () => {
  await using under = await startRelay();
  const { text } = await replyTo(
    ask(under.streamUrl, question("/scenario cut"), { headers: { "X-Request-Id": "mine" } }),
  );
  expect(parseStream(text).events.at(-1)?.event).toMatchObject({
    type: "error",
    requestId: "mine",
  });
});

test("the conversation so far goes to the gateway, in two turns", async () => {
  await using under = await startRelay();
  const user = { role: "user", content: "How do I reset my password?" };
  const first = parseStream(
    (await replyTo(ask(under.streamUrl, { configurationId: "cfg-1", messages: [user] }))).text,
  );
  const messages = [user, { role: "assistant", content: tokensIn(first) }, user];
  const second = parseStream(
    (await replyTo(ask(under.streamUrl, { configurationId: "cfg-2", messages }))).text,
  );
  const chats = under.emulator.calls.filter(({ kind }) => kind === "chat");
  expect(chats.map(({ body }) => body)).toEqual([
    { configurationId: "cfg-1", input: { messages: [user] }, stream: true },
    { configurationId: "cfg-2", input: { messages }, stream: true },
  ]);
  expect(tokensIn(second)).toBe(chats[1]?.sentText);
  expect(tokensIn(second)).toMatch(/discussed|my last answer|covered/);
});

test("streams that start together share one access token", async () => {
  await using under = await startRelay();
  await Promise.all(
    Array.from({ length: 10 }, () =>
      replyTo(ask(under.streamUrl, question("/scenario many-tokens 1"))),
    ),
  );
  expect(under.emulator.calls.filter(({ kind }) => kind === "token")).toHaveLength(1);
});

test("a query behind the path does not matter", async () => {
  await using under = await startRelay();
  const reply = await replyTo(ask(`${under.streamUrl}?tab=2`, question("/scenario many-tokens 1")));
  expect(reply.status).toBe(200);
});

type Ending =
  | { readonly stop: string; readonly usage?: true }
  | { readonly error: string }
  | { readonly refusal: string; readonly status: number };

interface Expectation {
  readonly ending: Ending;
  readonly options?: RelayBaseOptions;
}

const stop: Expectation = { ending: { stop: "stop" } };
const eof: Expectation = { ending: { stop: "eof" } };
const interrupted: Expectation = { ending: { error: "gateway_interrupted" } };
const oneTry: RelayBaseOptions = { handshakeTries: 1 };

// A new scenario must say here how it ends.
const expectations: Readonly<Record<ScenarioName, Expectation>> = {
  answer: stop,
  "every-byte": stop,
  "many-objects-a-line": stop,
  "crlf-bom": stop,
  "no-final-newline": stop,
  sse: stop,
  delta: stop,
  done: stop,
  length: { ending: { stop: "length" } },
  usage: { ending: { stop: "stop", usage: true } },
  reasoning: stop,
  "tool-call": { ending: { stop: "tool_calls" } },
  sources: stop,
  file: stop,
  gzip: stop,
  "rate-limited-half": stop,
  "unknown-type": stop,
  "big-token": stop,
  "many-tokens": stop,
  "huge-line": { ending: { error: "gateway_protocol_error" } },
  "malformed-line": stop,
  "error-in-middle": interrupted,
  "no-stop": eof,
  cut: interrupted,
  stall: { ending: { error: "gateway_timeout" }, options: { idleTimeoutMs: 100 } },
  "slow-first-token": stop,
  "slow-headers": stop,
  silent: {
    ending: { refusal: "gateway_timeout", status: 504 },
    options: { firstByteTimeoutMs: 100 },
  },
  html: { ending: { refusal: "gateway_protocol_error", status: 502 } },
  empty: eof,
  "no-content": { ending: { refusal: "gateway_protocol_error", status: 502 } },
  "unauthorized-once": stop,
  "unauthorized-always": { ending: { refusal: "gateway_auth_failed", status: 502 } },
  "rate-limited-seconds": stop,
  "rate-limited-date": stop,
  "rate-limited-reset": stop,
  "rate-limited-message": stop,
  "rate-limited-bare": stop,
  "rate-limited-always": {
    ending: { refusal: "gateway_rate_limited", status: 429 },
    options: oneTry,
  },
  "unavailable-twice": stop,
  "unavailable-always": {
    ending: { refusal: "gateway_unavailable", status: 502 },
    options: oneTry,
  },
  "bad-request": { ending: { refusal: "gateway_rejected", status: 400 } },
  "bad-request-echo": { ending: { refusal: "gateway_rejected", status: 400 } },
  forbidden: { ending: { refusal: "gateway_rejected", status: 502 } },
  "token-endpoint-down": {
    ending: { refusal: "gateway_unavailable", status: 502 },
    options: oneTry,
  },
};

// Some of them wait for a second or two: all at once.
describe.concurrent("every scenario of the gateway", () => {
  test.each(scenarioNames)("%s", async (scenario) => {
    const { ending, options } = expectations[scenario];
    await using under = await startRelay({
      firstByteGraceMs: 60_000,
      ...options,
      emulator: { scenario, slowFirstTokenMs: 50 },
    });
    const reply = await replyTo(ask(under.streamUrl, question("How do I reset my password?")));
    if ("refusal" in ending) {
      expect(reply.status).toBe(ending.status);
      expect(refusalIn(reply).code).toBe(ending.refusal);
      return;
    }
    expect(reply.status).toBe(200);
    const stream = parseStream(reply.text);
    const chat = under.emulator.calls.findLast(({ kind }) => kind === "chat");
    // Of a line that is too long nothing arrives.
    const [sentText = ""] = chat?.sentText.split("a line without an end", 1) ?? [];
    expect(tokensIn(stream)).toBe(sentText);

    const numbered = stream.events.filter(({ id }) => id !== undefined);
    expect(numbered.map(({ id }) => id)).toEqual(numbered.map((_, index) => String(index + 1)));
    expect(numbered.every(({ name }) => name === undefined)).toBe(true);
    expect(stream.events[0]?.name).toBe("start");

    const events = stream.events.map(({ event }) => event);
    const last = events.at(-1);
    assert(last !== undefined);
    expect(events.filter(isTerminal)).toEqual([last]);
    const usage = { inputTokens: expect.any(Number), outputTokens: expect.any(Number) };
    if ("stop" in ending) {
      expect(last).toEqual({
        type: "stop",
        reason: ending.stop,
        ...(ending.usage && { usage }),
      });
    }
    if ("error" in ending) expect(last).toMatchObject({ type: "error", code: ending.error });
  });
});

test("a line that is not JSON becomes a named warning between the tokens", async () => {
  await using under = await startRelay({ emulator: { scenario: "malformed-line" } });
  const { text } = await replyTo(ask(under.streamUrl, question("Hello")));
  expect(parseStream(text).events.filter(({ name }) => name === "warning")).toEqual([
    { name: "warning", id: undefined, event: { type: "warning", code: "malformed_line" } },
  ]);
});

test("a type that only the gateway knows is passed on whole, with content and index", async () => {
  await using under = await startRelay({ emulator: { scenario: "unknown-type" } });
  const { text } = await replyTo(ask(under.streamUrl, question("Hello")));
  expect(parseStream(text).events.find(({ event }) => event.type === "citation")).toEqual({
    name: undefined,
    id: expect.any(String),
    event: {
      type: "citation",
      content: "Opening hours",
      url: "https://example.com/hours",
      index: expect.any(Number),
    },
  });
});

test("an answer that is cut is never a success, and eof differs from stop", async () => {
  await using under = await startRelay();
  const endings = await Promise.all(
    ["cut", "no-stop", "answer"].map(async (scenario) => {
      const { text } = await replyTo(ask(under.streamUrl, question(`/scenario ${scenario}`)));
      return parseStream(text).events.at(-1)?.event;
    }),
  );
  expect(endings).toMatchObject([
    { type: "error", code: "gateway_interrupted", retryable: true },
    { type: "stop", reason: "eof" },
    { type: "stop", reason: "stop" },
  ]);
});

test("an answer is asked for once: nothing is tried again after the first byte", async () => {
  for (const scenario of ["cut", "error-in-middle", "no-stop"] as const) {
    await using under = await startRelay({ emulator: { scenario } });
    await replyTo(ask(under.streamUrl, question("Hello")));
    expect(under.emulator.calls.filter(({ kind }) => kind === "chat")).toHaveLength(1);
  }
});

test("fifty tokens that arrive together leave together, in one piece", async () => {
  const burst = Array.from({ length: 50 }, (_, index): StreamEvent => ({
    type: "token",
    content: `token-${index} `,
    index,
  }));
  const relay = createRelay({
    port: 0,
    provider: {
      name: "bursts",
      async open() {
        return (async function* answer() {
          yield burst;
          yield [{ type: "stop", reason: "stop" } as const];
        })();
      },
      close: async () => {},
    },
  });
  const { port } = await relay.listen();
  const body = JSON.stringify(question("Hello"));
  const socket = connect(port, "127.0.0.1");
  const pieces: string[] = [];
  socket.on("data", (piece) => pieces.push(String(piece)));
  socket.write(
    "POST /api/llm/stream HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  await once(socket, "end");
  await relay.close();
  const withTokens = pieces.filter((piece) => piece.includes("token-"));
  expect(withTokens).toHaveLength(1);
  expect(withTokens[0]?.match(/token-\d+/g)).toHaveLength(50);
});
