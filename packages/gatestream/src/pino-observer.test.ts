import type { Level } from "pino";
import { assert, expect, test } from "vitest";
import { ask, question, replyTo } from "@gatestream/testing/ask";
import { abandonedUrl } from "@gatestream/testing/host";
import { createLog } from "@gatestream/testing/log-lines";
import { parseStream, tokensIn } from "@gatestream/testing/parse-events";
import { startRelay } from "@gatestream/testing/relay-under-test";
import { RelayError, type ObserverEvent } from "@gatestream/relay";

const prompt = "PROMPT-how-do-I-reset-my-password";
const secrets = { clientId: "demo-client", clientSecret: "SECRET-of-the-client" };

test("the log of a whole stream holds no prompt, no answer, no token and no secret", async () => {
  const log = createLog();
  await using under = await startRelay({
    observer: log.observer,
    emulator: { clientSecret: secrets.clientSecret, scenario: "unauthorized-once" },
    genesys: secrets,
  });
  const { text } = await replyTo(ask(under.streamUrl, question(prompt)));
  await under.untilObserved("stream_ended");

  expect(log.lines().map(({ msg }) => msg)).toEqual([
    "stream_started",
    // Its turn, a token and the gateway; then another token and the same again.
    ...Array.from({ length: 6 }, () => "phase_begun"),
    "upstream_answered",
    "stream_ended",
  ]);
  expect(log.lines().at(-1)).toMatchObject({ level: 30, ending: "stop", readerLeft: false });
  const words = tokensIn(parseStream(text))
    .split(/\s+/)
    .filter((word) => word.length > 8);
  expect(words.length).toBeGreaterThan(5);
  const issued = under.emulator.calls
    .filter(({ kind }) => kind === "chat")
    .map(({ headers }) => headers["authorization"]?.replace("Bearer ", ""));
  expect(new Set(issued).size).toBe(2);
  for (const secret of [prompt, ...Object.values(secrets), ...words, ...issued]) {
    assert(secret !== undefined);
    expect(log.text()).not.toContain(secret);
  }
  expect(log.text()).not.toMatch(/Basic |Bearer /);
});

test.each([
  ["error-in-middle", "model.error"],
  ["cut", "The connection to the gateway broke"],
  ["bad-request", "status 400"],
  ["unauthorized-always", "bad.credentials"],
  ["unavailable-always", "service.unavailable"],
  ["token-endpoint-down", "service.unavailable"],
] as const)(
  "the log of a stream that fails (%s) states the reason, without secrets",
  async (scenario, why) => {
    const log = createLog();
    await using under = await startRelay({
      observer: log.observer,
      emulator: { clientSecret: secrets.clientSecret, scenario },
      genesys: secrets,
      handshakeTries: 1,
    });
    await replyTo(ask(under.streamUrl, question(prompt)));
    await under.untilObserved("stream_ended");
    expect(log.lines().at(-1)).toMatchObject({ level: 40, msg: "stream_ended", ending: "error" });
    expect(log.text()).toContain(why);
    const words = under.emulator.calls
      .flatMap(({ headers, sentText }) => `${headers["authorization"]} ${sentText}`.split(/\s+/))
      .filter((word) => word.length > 8);
    for (const secret of [prompt, ...Object.values(secrets), ...words]) {
      expect(log.text()).not.toContain(secret);
    }
  },
);

test("wrong credentials are logged without them", async () => {
  const log = createLog();
  await using under = await startRelay({ observer: log.observer, genesys: secrets });
  await replyTo(ask(under.streamUrl, question(prompt)));
  await under.untilObserved("stream_ended");
  expect(log.text()).toContain("gateway_auth_failed");
  for (const secret of [prompt, ...Object.values(secrets), "Basic "]) {
    expect(log.text()).not.toContain(secret);
  }
});

test("a body that is no JSON is refused without a word of it in the log", async () => {
  const log = createLog();
  await using under = await startRelay({ observer: log.observer });
  await replyTo(ask(under.streamUrl, `{"messages":[{"content": ${prompt}}]}`));
  await under.untilObserved("request_refused");
  expect(log.lines()).toMatchObject([
    {
      level: 40,
      msg: "request_refused",
      path: "/api/llm/stream",
      error: { code: "invalid_request" },
    },
  ]);
  for (const part of ["PROMPT", "how-do"]) expect(log.text()).not.toContain(part);
});

test("the log names the gateway's own ids, which help to ask its operators", async () => {
  const log = createLog();
  await using under = await startRelay({ observer: log.observer });
  await replyTo(ask(under.streamUrl, question("/scenario bad-request")));
  await under.untilObserved("stream_ended");
  expect(log.lines().at(-1)).toMatchObject({
    error: {
      code: "gateway_rejected",
      cause: {
        name: "GatewayRefusal",
        status: 400,
        code: "bad.request",
        contextId: expect.any(String),
        correlationId: expect.any(String),
      },
    },
  });
});

test("a gateway that cannot be reached is logged with the system's reason", async () => {
  const log = createLog();
  await using under = await startRelay({
    observer: log.observer,
    handshakeTries: 1,
    genesys: { apiUrl: await abandonedUrl() },
  });
  await replyTo(ask(under.streamUrl, question(prompt)));
  await under.untilObserved("stream_ended");
  expect(log.lines().at(-1)).toMatchObject({
    error: { code: "gateway_unavailable", cause: { code: "ECONNREFUSED" } },
  });
});

test("at the usual level a stream is one line with all that there is to say", async () => {
  const log = createLog("info");
  await using under = await startRelay({ observer: log.observer });
  await replyTo(ask(under.streamUrl, question("/scenario malformed-line")));
  await under.untilObserved("stream_ended");
  const aTime = expect.any(Number);
  expect(log.lines()).toEqual([
    {
      level: 30,
      time: aTime,
      msg: "stream_ended",
      streamId: expect.stringMatching(/^sha256:[0-9a-f]{16}$/),
      requestId: expect.any(String),
      subject: expect.any(String),
      configurationId: "cfg-1",
      transport: "http",
      ending: "stop",
      readerLeft: false,
      phase: "answer",
      tokens: expect.any(Number),
      usage: {
        inputTokens: expect.any(Number),
        outputTokens: expect.any(Number),
        isEstimate: true,
      },
      warnings: 1,
      attempts: 1,
      correlationId: expect.any(String),
      queueMs: aTime,
      accessTokenMs: aTime,
      handshakeMs: aTime,
      firstTokenMs: aTime,
      durationMs: aTime,
    },
  ]);
});

const ids = {
  streamId: "s-1",
  requestId: "r-1",
  subject: "ann",
  configurationId: "cfg-1",
  transport: "http",
} as const;
const fault = new RelayError("internal_error", "The relay failed; its log tells why.", {
  cause: new TypeError("x is not a function"),
});
const away = new RelayError("gateway_unavailable", "Away.", { retryAfterMs: 5 });
const end = {
  type: "stream_ended",
  ...ids,
  readerLeft: false,
  phase: "handshake",
  tokens: 0,
  warnings: 0,
  queueMs: 1,
  accessTokenMs: 0,
  handshakeMs: 2,
  durationMs: 3,
} as const;

test.each<[Level, number, ObserverEvent]>([
  ["debug", 20, { type: "stream_started", ...ids }],
  ["debug", 20, { type: "phase_begun", streamId: "s-1", phase: "access_token" }],
  ["debug", 20, { type: "connection_dropped" }],
  ["debug", 20, { type: "upstream_answered", streamId: "s-1", attempts: 2, correlationId: "c" }],
  ["warn", 40, { type: "attempt_failed", streamId: "s-1", attempt: 1, error: away, waitMs: 9 }],
  ["info", 30, { ...end, ending: "stop" }],
  ["warn", 40, { ...end, ending: "error", error: away }],
  ["error", 50, { ...end, ending: "error", error: fault }],
  [
    "warn",
    40,
    { type: "request_refused", requestId: "r-1", method: "GET", path: "/", error: away },
  ],
])("at level %s (%i): %o", (_, level, event) => {
  const log = createLog();
  log.observer(event);
  const { type, ...fields } = event;
  const error = "error" in event ? event.error : undefined;
  expect(log.lines()).toMatchObject([
    {
      level,
      msg: type,
      ...fields,
      ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }),
    },
  ]);
});

test("times are logged in tenths of a millisecond", () => {
  const log = createLog();
  log.observer({
    ...end,
    ending: "stop",
    queueMs: 0.04,
    accessTokenMs: 12.3456,
    durationMs: 1234.56789,
  });
  expect(log.lines()).toMatchObject([{ queueMs: 0, accessTokenMs: 12.3, durationMs: 1234.6 }]);
});

test("a fault of the relay is logged with its cause and where it came from", () => {
  const log = createLog();
  log.observer({ ...end, ending: "error", error: fault });
  expect(log.lines()).toMatchObject([
    {
      error: {
        cause: {
          name: "TypeError",
          message: "x is not a function",
          stack: expect.stringContaining("pino-observer.test.ts"),
        },
      },
    },
  ]);
});

function logOf(cause: unknown) {
  const log = createLog();
  const error = new RelayError("internal_error", "Failed.", { cause });
  log.observer({ ...end, ending: "error", error });
  const [line] = log.lines() as readonly [{ readonly error: { readonly cause?: unknown } }];
  return { cause: line.error.cause, text: log.text() };
}

test("a cause says what it is known to say, and nothing that its library added", () => {
  const answer = "the answer as it came";
  const cause = Object.assign(new Error("Parse error"), {
    code: "HPE_INVALID_CHUNK_SIZE",
    errno: -111,
    syscall: "connect",
    data: answer,
    command: { name: "XADD", args: [answer] },
    socket: { remoteAddress: "10.0.0.1" },
    status: { not: "a text" },
  });
  const logged = logOf(cause);
  expect(logged.cause).toEqual({
    name: "Error",
    message: "Parse error",
    code: "HPE_INVALID_CHUNK_SIZE",
    errno: -111,
    syscall: "connect",
    stack: expect.stringContaining("pino-observer.test.ts"),
  });
  expect(logged.text).not.toContain(answer);
});

test("of a cause no text is longer than 1000 characters", () => {
  const long = "x".repeat(5_000);
  const cause = Object.assign(new Error(`${long}\nsecond line`), { code: long, contextId: long });
  cause.name = long;
  const limit = "x".repeat(1_000);
  expect(logOf(cause).cause).toMatchObject({
    name: limit,
    message: limit,
    code: limit,
    contextId: limit,
    stack: expect.not.stringContaining("second line"),
  });
});

test.each([["a text"], [{ message: "no error" }], [undefined], [null]])(
  "a cause that is no error (%j) is left out",
  (cause) => {
    expect(logOf(cause).cause).toBeUndefined();
  },
);
