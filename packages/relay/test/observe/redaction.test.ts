import { createHash } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { scenarioNames } from "@gatestream/emulator";
import { describe, expect, test } from "vitest";
import { openTelemetry } from "@gatestream/relay-opentelemetry";
import { registerHostTracing } from "../../../relay-opentelemetry/src/testing/host-tracing.ts";
import { ask, replyTo } from "@gatestream/testing/ask";
import { startHost } from "@gatestream/testing/host";
import { createLog } from "@gatestream/testing/log-lines";
import { startRelay, type RelayUnderTestOptions } from "@gatestream/testing/relay-under-test";
import { createReader } from "@gatestream/testing/resuming-reader";

const messages = [
  { role: "system", content: 'SYSTEM-PROMPT: speak of «opening hours» only,\nand "kindly".' },
  { role: "user", content: "USER-PROMPT-how-do-I-reset-my-password of ann@example.com" },
];
const conversation = {
  configurationId: "cfg-1",
  messages,
  conversationId: "CONVERSATION-of-the-caller",
  metadata: { ticket: "METADATA-of-the-caller" },
};
const client = { clientId: "demo-client", clientSecret: "SECRET-of-the-client" };
const basic = Buffer.from(`${client.clientId}:${client.clientSecret}`).toString("base64");
const caller = {
  Authorization: "Bearer CALLER-bearer-token",
  Cookie: "session=CALLER-cookie",
};
/** What must never appear in a log. */
const secrets = [
  ...messages.map(({ content }) => content),
  "SYSTEM-PROMPT",
  "opening hours",
  "USER-PROMPT",
  "my-password",
  "ann@example",
  client.clientSecret,
  basic,
  "CALLER-",
  "CONVERSATION-",
  "METADATA-",
];
const limits = {
  handshakeTries: 2,
  firstByteTimeoutMs: 4_000,
  idleTimeoutMs: 4_000,
  firstByteGraceMs: 60_000,
};

/** Asks once, as a caller with credentials, and waits for all that is logged of it. */
async function converse(options: RelayUnderTestOptions) {
  const log = createLog("trace");
  await using under = await startRelay({
    ...limits,
    ...options,
    genesys: { ...client, ...options.genesys },
    observer: log.observer,
  });
  const url = `${under.streamUrl}?access_token=CALLER-query`;
  const reply = await replyTo(ask(url, conversation, { headers: caller }));
  await under.untilObserved("stream_ended");
  expect(log.lines().at(-1)).toMatchObject({ msg: "stream_ended" });
  return { log, reply, calls: [...under.emulator.calls] };
}

/** What may not be read, in texts of JSON: as it is, and as it stands in one. */
function expectNowhere(withheld: readonly string[], ...texts: readonly string[]): void {
  for (const secret of withheld) {
    for (const spelling of [secret, JSON.stringify(secret).slice(1, -1)]) {
      for (const text of texts) expect(text).not.toContain(spelling);
    }
  }
}

/** Whether any run of characters of `answer` stands in `text`. */
function isQuoted(answer: string, text: string): boolean {
  const runChars = 24;
  const runs = new Set<string>();
  for (let at = 0; at + runChars <= text.length; at += 1) runs.add(text.slice(at, at + runChars));
  for (let at = 0; at + runChars <= answer.length; at += 1) {
    if (runs.has(answer.slice(at, at + runChars))) return true;
  }
  return false;
}

describe.concurrent("no log line at any level holds prompt, answer, token or secret", () => {
  test.each(scenarioNames)("%s", async (scenario) => {
    const { log, reply, calls } = await converse({
      emulator: { scenario, clientSecret: client.clientSecret, slowFirstTokenMs: 20 },
    });
    const tokens = calls
      .filter(({ kind }) => kind === "chat")
      .map(({ headers }) => headers["authorization"]?.replace("Bearer ", "") ?? "");
    expect(tokens.length > 0 || scenario === "token-endpoint-down").toBe(true);
    expect(tokens).not.toContain("");
    // An answer may well speak of what it was asked; a refusal may not.
    expectNowhere([...secrets, ...tokens], log.text(), reply.status === 200 ? "" : reply.text);
    const answer = calls.map(({ sentText }) => sentText).join("");
    expect(isQuoted(answer, log.text())).toBe(false);
  });
});

test("a refusal that repeats the request is reported and logged by its status and code", async () => {
  const { log, reply } = await converse({
    emulator: { scenario: "bad-request-echo", clientSecret: client.clientSecret },
  });
  expect(reply.text).toContain("The gateway refused the request (status 400");
  expect(log.lines().at(-1)).toMatchObject({
    level: 40,
    error: { cause: { status: 400, correlationId: expect.any(String) } },
  });
});

const answer = "ANSWER-of-the-model-which-is-nobody's-business";

/** Answers a chat by what the request was. */
type Chat = (heard: { readonly body: string; readonly authorization: string }) => {
  readonly status?: number;
  readonly body: string;
};

const gateways: readonly (readonly [string, Chat])[] = [
  [
    "refuses and repeats the whole request as JSON in its message",
    ({ body, authorization }) => ({
      status: 422,
      body: JSON.stringify({ message: `Not valid: ${body} of ${authorization}` }),
    }),
  ],
  [
    "refuses and repeats it as a text in JSON, in every field",
    ({ body, authorization }) => {
      const said = JSON.stringify(`${authorization}: ${body}`);
      return { status: 400, body: JSON.stringify({ message: said, code: said, contextId: said }) };
    },
  ],
  [
    "is away and repeats it",
    ({ body, authorization }) => ({
      status: 503,
      body: JSON.stringify({ message: body, error: authorization }),
    }),
  ],
  [
    "refuses with a page of HTML that repeats it",
    ({ body, authorization }) => ({ status: 403, body: `<pre>${body} ${authorization}</pre>` }),
  ],
  [
    "sends lines that are no JSON",
    () => ({
      body: `{"content":"${answer}\n${answer}\n{"content":"${answer}"}\n{"type":"stop"}\n`,
    }),
  ],
  ["sends nothing else", () => ({ body: `${answer}\n`.repeat(20) })],
  [
    "fails in the middle and repeats it",
    ({ body, authorization }) => ({
      body: `{"content":"${answer}"}\n${JSON.stringify({ type: "error", message: `${body} ${authorization}` })}\n`,
    }),
  ],
  [
    "fails in the middle and repeats a piece that it could not read",
    () => ({
      body: `${JSON.stringify({ type: "error", message: `Not parsed: {"content": "${answer}"}` })}\n`,
    }),
  ],
];

const accessToken = "ACCESS-token-1.of~the/gateway";

/** A gateway that gives everybody the token and leaves the chat to the test. */
function gatewayOf(
  chat: (body: string, request: IncomingMessage, response: ServerResponse) => void,
) {
  const answerAll: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (request.url !== "/oauth/token") {
        chat(Buffer.concat(chunks).toString(), request, response);
        return;
      }
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ access_token: accessToken, expires_in: 86_400 }));
    });
  };
  return startHost(answerAll);
}

describe.concurrent("nor where a gateway", () => {
  test.each(gateways)("%s", async (_, chat) => {
    let asked = 0;
    await using gateway = await gatewayOf((body, { headers }, response) => {
      asked += 1;
      const reply = chat({ body, authorization: headers.authorization ?? "" });
      response.writeHead(reply.status ?? 200);
      response.end(reply.body);
    });
    const { log, reply } = await converse({
      genesys: { loginUrl: gateway.url, apiUrl: gateway.url },
    });
    expect(asked).toBeGreaterThan(0);
    expectNowhere([...secrets, accessToken, "ACCESS-token"], log.text(), reply.text);
    expectNowhere([answer], log.text());
  });

  test("breaks the protocol: its bytes stay out of the log", async () => {
    await using gateway = await gatewayOf((_, { socket }) => {
      socket.end(
        "HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n" +
          `5\r\n{"a":\r\nno length ${answer}\r\n`,
      );
    });
    const { log } = await converse({
      genesys: { loginUrl: gateway.url, apiUrl: gateway.url },
    });
    expectNowhere([...secrets, accessToken, answer], log.text());
    expect(log.lines().at(-1)).toMatchObject({
      error: { code: "gateway_interrupted", cause: { name: "HTTPParserError" } },
    });
  });
});

test("nor where a token endpoint repeats who asks", async () => {
  await using login = await startHost((request, response) => {
    const { authorization } = request.headers;
    response.writeHead(400);
    response.end(
      JSON.stringify({
        error: authorization,
        error_description: `${client.clientSecret} of ${authorization} is not accepted`,
      }),
    );
  });
  const { log, reply } = await converse({ genesys: { loginUrl: login.url } });
  expect(log.lines().at(-1)).toMatchObject({ error: { code: "gateway_auth_failed" } });
  expectNowhere(secrets, log.text(), reply.text);
});

test("nor where the relay itself refuses", async () => {
  const log = createLog();
  await using under = await startRelay({ observer: log.observer });
  const url = `${under.url}/nowhere?access_token=CALLER-query`;
  await replyTo(ask(url, conversation, { headers: caller }));
  await replyTo(ask(under.streamUrl, { ...conversation, more: 1 }, { headers: caller }));
  expect(log.lines()).toMatchObject([{ path: "/nowhere" }, { path: "/api/llm/stream" }]);
  expectNowhere(secrets, log.text());
});

describe("what only an anonymous caller may know", () => {
  const ofAnn = { ...conversation, configurationId: "Ann's own, hunter2" };

  test("the id of their stream, and a text that is no configurationId, are nowhere", async () => {
    const { spans } = registerHostTracing();
    const log = createLog("trace");
    await using under = await startRelay({ observer: log.observer, startTrace: openTelemetry() });
    const reader = createReader();
    await reader.open(ask(under.streamUrl, { ...ofAnn, onDisconnect: "detach" }));
    await reader.readToEnd();
    await under.untilObserved("stream_ended");
    const again = createReader(reader.streamId);
    await again.comeBack(under.url);
    await again.readToEnd();
    await replyTo(ask(under.streamUrl, ofAnn));
    const { streamId } = reader;
    for (const path of [`/api/llm/stream/${streamId}?after=999`, `/elsewhere/${streamId}/cancel`]) {
      await replyTo(ask(`${under.url}${path}`, undefined, { method: "GET" }));
    }
    const events = JSON.stringify(under.observed);
    const traces = JSON.stringify(spans().map(({ attributes }) => attributes));
    expectNowhere([streamId, "Ann's own", "hunter2"], log.text(), events, traces);
    const name = `sha256:${createHash("sha256").update(streamId).digest("hex").slice(0, 16)}`;
    const named = log.lines().filter((line) => line["streamId"] === name);
    expect(named.map(({ msg }) => msg)).toEqual(
      expect.arrayContaining(["stream_started", "upstream_answered", "stream_ended"]),
    );
    expect(named).toContainEqual(expect.objectContaining({ msg: "reader_resumed" }));
    expect(log.lines()).toContainEqual(
      expect.objectContaining({ path: `/api/llm/stream/${name}`, msg: "request_refused" }),
    );
    expect(traces).toContain(name);
    expect(named[0]).toMatchObject({ configurationId: "[redacted]" });
  });

  test("the id of an authenticated caller's stream is logged: others cannot use it", async () => {
    const log = createLog("trace");
    await using under = await startRelay({
      observer: log.observer,
      authenticate: () => ({ subject: "ann" }),
    });
    const reader = createReader();
    await reader.open(ask(under.streamUrl, { ...conversation, onDisconnect: "detach" }));
    await reader.readToEnd();
    await under.untilObserved("stream_ended");
    const again = createReader(reader.streamId);
    await again.comeBack(under.url);
    await again.readToEnd();
    const named = log.lines().filter((line) => line["streamId"] === reader.streamId);
    expect(named.map(({ msg }) => msg)).toEqual(
      expect.arrayContaining(["stream_started", "stream_ended", "reader_resumed"]),
    );
    expect(named[0]).toMatchObject({ configurationId: "cfg-1" });
  });
});
