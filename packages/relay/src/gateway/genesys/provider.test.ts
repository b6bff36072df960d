import { expect, test } from "vitest";
import { deferred } from "../../testing/deferred.ts";
import { genesysAt, conversation } from "../testing/provider-under-test.ts";
import { startRawGateway } from "../testing/servers.ts";
import { startEmulator } from "../testing/start-emulator.ts";

const stop = { type: "stop", reason: "stop" };

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

const image = { type: "image" as const, url: "https://example.com/a.png" };
const text = (content: string) => ({ type: "text" as const, text: content });

test("of parts the texts are sent, joined, and of a message nothing else", async () => {
  const { emulator, url } = await startEmulator();
  const toolCalls = [{ callId: "c1", name: "find", arguments: "{}" }];
  const messages = [
    { role: "user", content: [text("Hel"), text("lo")] },
    { role: "assistant", content: "Hi.", toolCalls },
    { role: "user", content: "Bye." },
  ];
  await genesysAt(url).ask({ request: { messages, options: { seed: 1 } } });
  expect(emulator.calls.at(-1)?.body).toEqual({
    configurationId: "cfg-1",
    input: {
      messages: [
        { role: "user", content: "Hello" },
        { role: "assistant", content: "Hi." },
        { role: "user", content: "Bye." },
      ],
    },
    stream: true,
  });
});

test("an image is refused by its name, and nothing is asked", async () => {
  const { emulator, url } = await startEmulator();
  const messages = [
    { role: "user", content: "Hello" },
    { role: "user", content: [text("This:"), image] },
  ];
  await expect(genesysAt(url).open({ request: { messages } })).rejects.toMatchObject({
    code: "invalid_request",
    message: "messages.1.content.1 must be text: the gateway takes no images.",
  });
  expect(emulator.calls).toEqual([]);
});

test.each([[true], [false]])("metadata is sent where it is asked for: %j", async (sendMetadata) => {
  const { emulator, url } = await startEmulator();
  const metadata = { queue: "billing" };
  await genesysAt(url, { sendMetadata }).ask({ request: { metadata } });
  expect(Object(emulator.calls.at(-1)?.body).metadata).toEqual(sendMetadata ? metadata : undefined);
});

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

test("an error in the middle keeps the gateway's code and context for the operator", async () => {
  const { url } = await startEmulator({ scenario: "error-in-middle" });
  const { failure } = await genesysAt(url).ask();
  expect(failure).toMatchObject({
    cause: { code: "model.error", contextId: expect.any(String) },
  });
});

test("the observer gets the number of tries and the gateway's correlation id", async () => {
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

test("the trace goes with the chat, and with nothing else", async () => {
  const { emulator, url } = await startEmulator();
  const traceHeaders = { traceparent: "00-1-2-01", tracestate: "a=b", authorization: "not mine" };
  await genesysAt(url).ask({ traceHeaders });
  const [token, chat] = emulator.calls;
  expect(chat?.headers).toMatchObject({
    traceparent: "00-1-2-01",
    tracestate: "a=b",
    authorization: expect.stringMatching(/^Bearer \S+$/),
  });
  expect(token?.kind).toBe("token");
  expect(token?.headers).not.toHaveProperty("traceparent");
  expect(token?.headers).not.toHaveProperty("tracestate");
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
  const left = gateway.open({ signal: leaving.signal });
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
  await expect(gateway.open({ signal: AbortSignal.abort("gone") })).rejects.toBe("gone");
  await gateway.ask();
  expect(kinds()).toEqual(["token", "chat"]);
});
