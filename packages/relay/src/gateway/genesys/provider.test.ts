import { once } from "node:events";
import type { EmulatorCall, ScenarioName } from "@gatestream/emulator";
import { isTerminal } from "@gatestream/protocol";
import { expect, test } from "vitest";
import { deferred } from "../testing/deferred.ts";
import { conversation, genesysAt } from "../testing/genesys-under-test.ts";
import { readAll } from "../testing/pieces.ts";
import { startRawGateway } from "../testing/raw-gateway.ts";
import { startEmulator } from "../testing/start-emulator.ts";
import { firstResponse } from "../testing/upstream-under-test.ts";

const stop = { type: "stop", reason: "stop" };

function isChat({ kind }: EmulatorCall): boolean {
  return kind === "chat";
}

function textOf(events: readonly { type: string; content?: unknown }[]): string {
  return events.map(({ type, content }) => (type === "token" ? content : "")).join("");
}

test("the gateway is asked with the token, the configuration and the conversation alone", async () => {
  const { emulator, url } = await startEmulator();
  await genesysAt(url).ask();
  const [token, chat] = emulator.calls;
  expect(token).toMatchObject({ kind: "token", body: { grant_type: "client_credentials" } });
  expect(chat?.body).toEqual({
    configurationId: "cfg-1",
    input: { messages: conversation },
    stream: true,
  });
  expect(chat?.headers).toMatchObject({
    authorization: expect.stringMatching(/^Bearer \S+$/),
    "content-type": "application/json",
    accept: "application/x-ndjson, text/event-stream",
  });
});

const wholeAnswers: readonly ScenarioName[] = [
  "answer",
  "every-byte",
  "many-objects-a-line",
  "crlf-bom",
  "no-final-newline",
  "sse",
  "delta",
  "done",
  "big-token",
  "many-tokens",
  "unknown-type",
  "slow-first-token",
  "slow-headers",
];

test.each(wholeAnswers)(
  "the whole text arrives, once and in order, then stop: %s",
  async (scenario) => {
    const { emulator, url } = await startEmulator({ scenario, slowFirstTokenMs: 20 });
    const { events, failure } = await genesysAt(url).ask();
    const chat = await emulator.waitFor(isChat);
    expect(failure).toBeUndefined();
    expect(textOf(events)).toBe(chat.sentText);
    expect(chat.sentText).not.toBe("");
    expect(events.filter(isTerminal)).toEqual([stop]);
    expect(events.at(-1)).toEqual(stop);
    const indexes = events.flatMap((event) => ("index" in event ? [event.index] : []));
    expect(indexes.slice(0, 5)).toEqual([0, 1, 2, 3, 4].slice(0, indexes.length));
  },
);

test("an object of an unknown type is passed on whole in its place", async () => {
  const { url } = await startEmulator({ scenario: "unknown-type" });
  const { events } = await genesysAt(url).ask();
  expect(events).toContainEqual({
    type: "citation",
    content: "Opening hours",
    url: "https://example.com/hours",
    index: expect.any(Number),
  });
});

test("an EOF without a terminal is not told as success", async () => {
  for (const scenario of ["no-stop", "empty"] as const) {
    const { url } = await startEmulator({ scenario });
    const { events, failure } = await genesysAt(url).ask();
    expect(failure).toBeUndefined();
    expect(events.filter(isTerminal)).toEqual([{ type: "stop", reason: "eof" }]);
  }
});

test("a line that is not JSON is a warning in its place, and the text around it is whole", async () => {
  const { emulator, url } = await startEmulator({ scenario: "malformed-line" });
  const { events, failure } = await genesysAt(url).ask();
  expect(failure).toBeUndefined();
  expect(textOf(events)).toBe((await emulator.waitFor(isChat)).sentText);
  expect(events.filter(({ type }) => type === "warning")).toHaveLength(1);
});

test("a huge line is taken when it is allowed, and else ends the answer behind what had come", async () => {
  const { emulator, url } = await startEmulator({ scenario: "huge-line" });
  const allowed = await genesysAt(url, { maxLineBytes: 4 * 1024 * 1024 }).ask();
  expect(textOf(allowed.events)).toBe((await emulator.waitFor(isChat)).sentText);
  const refused = await genesysAt(url, { maxLineBytes: 64 * 1024 }).ask();
  expect(refused.failure).toMatchObject({ code: "gateway_protocol_error" });
  expect(textOf(refused.events)).not.toBe("");
  expect(textOf(allowed.events).startsWith(textOf(refused.events))).toBe(true);
});

test.each(["cut", "error-in-middle"] as const)(
  "no retry after partial output: %s is an interruption behind the tokens, asked once",
  async (scenario) => {
    const { emulator, url } = await startEmulator({ scenario });
    const gateway = genesysAt(url);
    const { events, failure } = await gateway.ask();
    expect(failure).toMatchObject({ code: "gateway_interrupted", retryable: true });
    expect(textOf(events)).toBe((await emulator.waitFor(isChat)).sentText);
    expect(events.some(isTerminal)).toBe(false);
    expect(emulator.calls.filter(isChat)).toHaveLength(1);
    expect(gateway.observed.map(({ type }) => type)).toEqual(["upstream_answered"]);
  },
);

test("an error in the middle keeps the gateway's code and context for the operator", async () => {
  const { url } = await startEmulator({ scenario: "error-in-middle" });
  const { failure } = await genesysAt(url).ask();
  expect(failure).toMatchObject({
    message: expect.stringContaining("The model stopped unexpectedly."),
    cause: { code: "model.error", contextId: expect.any(String) },
  });
});

test.each([
  ["silent", "firstByteTimeoutMs", { firstByteTimeoutMs: 80 }],
  ["slow-first-token", "firstByteTimeoutMs", { firstByteTimeoutMs: 80 }],
  ["stall", "idleTimeoutMs", { idleTimeoutMs: 80 }],
  ["stall", "totalTimeoutMs", { totalTimeoutMs: 80 }],
] as const)(
  "an own limit for every silence, told by its name: %s, %s",
  async (scenario, name, limit) => {
    const { url } = await startEmulator({ scenario, slowFirstTokenMs: 60_000 });
    const asked = genesysAt(url, limit).ask();
    const failure = await asked.then((answer) => answer.failure).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: "gateway_timeout",
      message: expect.stringContaining(`(${name})`),
    });
  },
);

test("the observer hears how many tries it took and the gateway's correlation id", async () => {
  await using server = await startRawGateway((_, response) => {
    response.setHeader("ININ-Correlation-Id", "corr-1");
    response.end('{"type":"stop"}\n');
  });
  const gateway = genesysAt(server.url);
  await gateway.ask();
  expect(gateway.observed).toEqual([
    { type: "upstream_answered", streamId: "stream-1", attempts: 1, correlationId: "corr-1" },
  ]);
});

test("the path of the chat and the two origins can be given", async () => {
  await using server = await startRawGateway((_, response) => void response.end('{"type":"stop"}'));
  await genesysAt(server.url, { gatewayPath: "/v3/chat?beta=1" }).ask();
  expect(server.paths).toEqual(["/oauth/token", "/v3/chat?beta=1"]);
});

test("the framing is read from the content type, in whatever case", async () => {
  await using server = await startRawGateway((_, response) => {
    response.setHeader("content-type", "Text/Event-Stream; charset=UTF-8");
    response.end('data: {"content":"a"}\n\ndata: {"type":"stop"}\n\n');
  });
  const { events } = await genesysAt(server.url).ask();
  expect(events).toEqual([{ type: "token", content: "a", index: 0 }, stop]);
});

test("fifty tokens that arrive together leave together", async () => {
  const tokens = Array.from({ length: 50 }, (_, index) => `{"content":"${index} "}\n`);
  const { promise, answer } = firstResponse();
  await using server = await startRawGateway(answer);
  const opening = genesysAt(server.url).open();
  const response = await promise;
  response.flushHeaders();
  const batches = (await opening)[Symbol.asyncIterator]();
  const first = batches.next();
  response.cork();
  for (const token of tokens) response.write(token);
  response.uncork();
  expect((await first).value).toHaveLength(50);
  response.end('{"type":"stop"}\n');
  expect((await batches.next()).value).toEqual([stop]);
});

test("a reader that leaves after stop leaves the connection for the next request", async () => {
  await using server = await startRawGateway((_, response) => {
    response.end('{"content":"a"}\n{"type":"stop"}\n');
  });
  const { url: loginUrl } = await startEmulator();
  const gateway = genesysAt(server.url, { loginUrl });
  for (let count = 0; count < 5; count += 1) {
    for await (const batch of await gateway.open()) if (batch.some(isTerminal)) break;
    // The client takes a connection for free in the turn after its last byte.
    await new Promise(setImmediate);
  }
  expect(server.paths).toHaveLength(5);
  expect(server.connectionCount()).toBe(1);
});

test("a gateway that does not close after stop is left, and the answer has its stop", async () => {
  const { promise, answer } = firstResponse();
  await using server = await startRawGateway(answer);
  const opening = genesysAt(server.url).open();
  const response = await promise;
  const closed = once(response, "close");
  response.write('{"type":"stop"}\n');
  const { items } = await readAll(await opening);
  expect(items).toEqual([[stop]]);
  const goOn = (): void => void (response.write(" ".repeat(16_384)) && setImmediate(goOn));
  response.on("drain", goOn);
  goOn();
  await closed;
});

test("the upstream is aborted when the reader leaves before the first token", async () => {
  for (const scenario of ["silent", "slow-first-token"] as const) {
    const { emulator, url } = await startEmulator({ scenario, slowFirstTokenMs: 60_000 });
    const leaving = new AbortController();
    const reading = genesysAt(url)
      .open(leaving.signal)
      .then(async (answer) => (await readAll(answer)).failure)
      .catch((error: unknown) => error);
    await emulator.waitFor((call) => isChat(call) && call.body !== undefined);
    if (scenario === "slow-first-token")
      await emulator.waitFor(({ status, kind }) => kind === "chat" && status === 200);
    leaving.abort("the reader left");
    await expect(reading).resolves.toBe("the reader left");
    await emulator.waitFor((call) => isChat(call) && call.state === "aborted");
  }
});

test("the upstream is aborted when the reader leaves in the middle", async () => {
  const { emulator, url } = await startEmulator({ scenario: "stall" });
  const leaving = new AbortController();
  const events = await genesysAt(url).open(leaving.signal);
  const { failure } = await readAll(
    (async function* () {
      for await (const batch of events) {
        yield batch;
        leaving.abort("the reader left");
      }
    })(),
  );
  expect(failure).toBe("the reader left");
  await emulator.waitFor((call) => isChat(call) && call.state === "aborted");
});

test("the upstream is not asked when the reader leaves while the token is fetched", async () => {
  const asked = deferred();
  const released = deferred();
  await using server = await startRawGateway(
    (_, response) => void response.end('{"type":"stop"}\n'),
    (_, response) => {
      asked.resolve();
      void released.promise.then(() => response.end('{"access_token":"t","expires_in":60}'));
    },
  );
  const gateway = genesysAt(server.url);
  const leaving = new AbortController();
  const left = gateway.open(leaving.signal);
  await asked.promise;
  const stays = gateway.ask();
  leaving.abort("the reader left");
  await expect(left).rejects.toBe("the reader left");
  released.resolve();
  await expect(stays).resolves.toEqual({ events: [stop], failure: undefined });
  expect(server.paths).toHaveLength(2);
});

test("nothing is sent, not even for a token, when the signal is already aborted", async () => {
  const { kinds, url } = await startEmulator();
  const gateway = genesysAt(url);
  await expect(gateway.open(AbortSignal.abort("gone"))).rejects.toBe("gone");
  await gateway.ask();
  expect(kinds()).toEqual(["token", "chat"]);
});

test("closing fails the answers that still run, and the gateway sees the close", async () => {
  const { emulator, url } = await startEmulator({ scenario: "stall" });
  const gateway = genesysAt(url);
  const answer = await gateway.open();
  const reading = readAll(answer);
  await gateway.close();
  expect((await reading).failure).toMatchObject({ code: "gateway_interrupted" });
  await emulator.waitFor((call) => isChat(call) && call.state === "aborted");
});
