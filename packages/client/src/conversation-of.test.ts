import { expect, inject, test } from "vitest";
import { WebSocket } from "ws";
import { conversationOf } from "./conversation-of.ts";
import { createClient } from "./create-client.ts";
import { ask, gatewayCall } from "./testing/gateway-call.ts";
import { webSocketTransport } from "@gatestream/client/websocket";
import { createTestTransport } from "./transport/test/test-transport.ts";

const client = createClient({ url: inject("servers").relayUrl, resumable: true, retry: false });
const newId = () => `case:${Math.random().toString(36).slice(2)}/${Date.now()}`;

test("the streams of a conversation are found, followed and cancelled by its id", async () => {
  const conversationId = newId();
  const conversation = conversationOf(client, conversationId);
  expect(await conversation.streams()).toEqual([]);
  expect(await conversation.follow()).toBeUndefined();
  expect(await conversation.cancel()).toBe(false);

  const { question, request } = ask("stall");
  const asked = client.stream({ ...request, conversationId });
  await gatewayCall({ question, isAccepted: true });
  const followed = await conversation.follow();
  expect(followed?.id).toBe((await conversation.streams())[0]?.streamId);
  for await (const piece of followed?.textStream ?? []) if (piece !== "") break;
  expect(asked.text).toContain(followed?.text);
  expect(await conversation.streams()).toMatchObject([{ status: "running", streamId: asked.id }]);

  expect(await conversation.cancel()).toBe(true);
  expect((await asked.result()).reason).toBe("cancelled");
  const [stream] = await conversation.streams();
  expect(stream).toMatchObject({ status: "ended", reason: "cancelled", streamId: asked.id });
});

test("over a WebSocket they are found, too", async () => {
  const conversationId = newId();
  const transport = webSocketTransport({
    url: inject("servers").relayUrl,
    WebSocket,
    keepOpenMs: 0,
  });
  const socketClient = createClient({ transport, resumable: true, retry: false });
  const { question, request } = ask("stall");
  const asked = socketClient.stream({ ...request, conversationId });
  await gatewayCall({ question, isAccepted: true });
  expect(await conversationOf(socketClient, conversationId).streams()).toMatchObject([
    { status: "running" },
  ]);
  expect(asked.transport).toBe("websocket");
  asked.cancel();
  await gatewayCall({ question, state: "aborted" });
});

test("a response that breaks off is told as such", async () => {
  const fetch = async () =>
    new Response('{"streams":[', { headers: { "Content-Type": "application/json" } });
  const broken = createClient({ url: "/", fetch });
  await expect(conversationOf(broken, newId()).streams()).rejects.toMatchObject({
    code: "truncated",
  });
});

test("a refusal is the relay's own, without the conversation's id", async () => {
  await expect(conversationOf(client, "short").streams()).rejects.toMatchObject({
    code: "invalid_request",
    status: 400,
  });
});

test("a transport that carries nothing but streams finds none", async () => {
  const testClient = createClient({ transport: createTestTransport(["Hello"]) });
  expect(await conversationOf(testClient, newId()).streams()).toEqual([]);
});
