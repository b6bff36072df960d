import { expectTypeOf, test } from "vitest";
import { createClient, type StreamError, type StreamStatus, type ToolCallPart } from "../index.ts";
import {
  createChat,
  createCurrentStream,
  persistInSession,
  type Chat,
  type ChatMessage,
  type CurrentStream,
  type SavedChat,
} from "./index.ts";

interface OwnEvents {
  readonly citation: { readonly url: string };
}

const client = createClient({ url: "/api/llm" });
const citing = createClient<OwnEvents>({ url: "/api/llm" });

test("a chat needs its configuration, and is what its documentation says", () => {
  const chat = createChat(client, { configurationId: "cfg-1" });
  expectTypeOf(chat).toEqualTypeOf<Chat>();
  expectTypeOf(chat.getSnapshot()).toExtend<{
    readonly messages: readonly ChatMessage[];
    readonly status: StreamStatus;
    readonly error: StreamError | undefined;
    readonly canResume: boolean;
  }>();
  expectTypeOf(chat.send).returns.toEqualTypeOf<boolean>();
  // @ts-expect-error the configuration is missing
  createChat(client, {});
  // @ts-expect-error a misspelt option
  createChat(client, { configurationId: "cfg-1", persists: undefined });
  // @ts-expect-error a chat has more than one stream, so one signal cannot end them
  createChat(client, { configurationId: "cfg-1", signal: new AbortController().signal });
});

test("client and options may be functions", () => {
  expectTypeOf(
    createChat(
      () => client,
      () => ({ configurationId: "cfg-1", persist: persistInSession("chat") }),
    ),
  ).toEqualTypeOf<Chat>();
  expectTypeOf(createCurrentStream(() => client)).toEqualTypeOf<CurrentStream>();
});

test("events of a gateway's own narrow", () => {
  createChat(citing, {
    configurationId: "cfg-1",
    onEvent(event) {
      if (event.type === "citation") expectTypeOf(event.url).toEqualTypeOf<string>();
    },
  });
  createCurrentStream(citing, {
    onEvent(event) {
      if (event.type === "citation") expectTypeOf(event.url).toEqualTypeOf<string>();
      // @ts-expect-error nobody has declared it
      void (event.type === "guess");
    },
  });
});

test("what is saved is JSON", () => {
  const saved: SavedChat = { messages: [{ id: "1", role: "user", content: "Hello" }] };
  persistInSession("chat").save(saved);
  expectTypeOf(persistInSession("chat").load()).toEqualTypeOf<SavedChat | undefined>();
});

test("a question may have images and options, and tools are called with their call", () => {
  const chat = createChat(client, {
    configurationId: "cfg-1",
    options: { temperature: 0.2, tools: [{ name: "find_order" }] },
    requestMetadata: { queue: "billing" },
    onToolCall(call, { signal }) {
      expectTypeOf(call).toEqualTypeOf<ToolCallPart>();
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      return { status: "sent" };
    },
  });
  chat.send("Hello", { attachments: [{ type: "image", url: "https://example.com/a.png" }] });
  // @ts-expect-error an image has a type
  chat.send("Hello", { attachments: [{ url: "https://example.com/a.png" }] });
  // @ts-expect-error no such option
  chat.send("Hello", { options: { temprature: 1 } });
  // @ts-expect-error the record holds strings
  createChat(client, { configurationId: "cfg-1", requestMetadata: { count: 1 } });
  for (const part of chat.getSnapshot().messages[0]?.parts ?? []) {
    if (part.type === "tool_call") expectTypeOf(part.result).toEqualTypeOf<string | undefined>();
  }
});
