import { expect, test } from "vitest";
import { createClient } from "../create-client.ts";
import { createTestTransport } from "../transport/test/test-transport.ts";
import type { ChatOptions } from "./chat-options.ts";
import { createChat } from "./create-chat.ts";
import { createMemoryPersistence } from "./testing/memory-persistence.ts";
import { ended } from "./testing/relay-chat.ts";

const image = { type: "image", url: "https://example.com/receipt.png" } as const;
const drawn = { type: "image", data: "aGk=", mediaType: "image/png" } as const;

function chatOf(options: Partial<ChatOptions> = {}) {
  const transport = createTestTransport(["A receipt."]);
  const client = createClient({ transport });
  return { chat: createChat(client, { configurationId: "cfg-1", ...options }), transport };
}

test("images are sent after the text, shown and saved with the question", async () => {
  const persist = createMemoryPersistence();
  const { chat, transport } = chatOf({ persist });
  expect(chat.send("What is this?", { attachments: [image, drawn] })).toBe(true);
  const { messages } = await ended(chat);
  expect(messages[0]).toMatchObject({ content: "What is this?", attachments: [image, drawn] });
  const content = [{ type: "text", text: "What is this?" }, image, drawn];
  expect(transport.requests[0]?.messages).toEqual([{ role: "user", content }]);
  const after = chatOf({ persist });
  expect(after.chat.getSnapshot().messages).toEqual(messages);
  after.chat.send("And now?");
  await ended(after.chat);
  expect(after.transport.requests[0]?.messages[0]).toEqual({ role: "user", content });
});

test("an image needs no text; nothing at all is no question", async () => {
  const { chat, transport } = chatOf();
  expect(chat.send(" ", { attachments: [] })).toBe(false);
  expect(chat.send("", { attachments: [image] })).toBe(true);
  await ended(chat);
  expect(transport.requests[0]?.messages).toEqual([{ role: "user", content: [image] }]);
});

test("an edited question keeps its images and options", async () => {
  const { chat, transport } = chatOf({ options: { temperature: 0.2, seed: 1 } });
  chat.send("What is it?", { attachments: [image], options: { temperature: 1 } });
  const { messages } = await ended(chat);
  chat.edit(messages[0]?.id ?? "", "What is that?");
  await ended(chat);
  chat.regenerate();
  await ended(chat);
  expect(transport.requests.map(({ options }) => options)).toEqual(
    Array.from({ length: 3 }, () => ({ temperature: 1, seed: 1 })),
  );
  const content = [{ type: "text", text: "What is that?" }, image];
  expect(transport.requests[2]?.messages).toEqual([{ role: "user", content }]);
});

test("an image whose data was too large for the storage is not sent", async () => {
  const { chat, transport } = chatOf({
    initialMessages: [
      {
        role: "user",
        content: "What is this?",
        attachments: [{ type: "image", mediaType: "image/png" }],
      },
      { role: "assistant", content: "A receipt." },
    ],
  });
  chat.send("Thanks");
  await ended(chat);
  expect(transport.requests[0]?.messages[0]).toEqual({ role: "user", content: "What is this?" });
});

test("options and metadata of the conversation are in each request, and nowhere without them", async () => {
  const { chat, transport } = chatOf({
    options: { temperature: 0.2 },
    requestMetadata: { queue: "billing" },
  });
  chat.send("Hello", { metadata: { isPrivate: true } });
  await ended(chat);
  expect(transport.requests[0]).toMatchObject({
    options: { temperature: 0.2 },
    metadata: { queue: "billing" },
  });
  const plain = chatOf();
  plain.chat.send("Hello");
  await ended(plain.chat);
  expect(Object.keys(plain.transport.requests[0] ?? {})).toEqual(["configurationId", "messages"]);
});
