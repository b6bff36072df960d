import {
  createClient,
  type AnswerPart,
  type StreamError,
  type StreamResult,
} from "@gatestream/client";
import type { ChatMessage } from "@gatestream/client/chat";
import { expectTypeOf, test } from "vitest";
import { useChat, useTokenStream, type UseChatOptions } from "./index.ts";

interface OwnEvents {
  readonly citation: { readonly url: string };
}

const client = createClient({ url: "/api/llm" });
const citing = createClient<OwnEvents>({ url: "/api/llm" });

test("a stream is what its documentation says", () => {
  const stream = useTokenStream(client);
  expectTypeOf(stream.text).toEqualTypeOf<string>();
  expectTypeOf(stream.error).toEqualTypeOf<StreamError | undefined>();
  expectTypeOf(stream.parts).toEqualTypeOf<readonly AnswerPart[]>();
  expectTypeOf(stream.result).toEqualTypeOf<StreamResult | undefined>();
  expectTypeOf(stream.start).returns.toEqualTypeOf<boolean>();
  // @ts-expect-error messages are missing
  stream.start({ configurationId: "cfg-1" });
  // @ts-expect-error a misspelt option
  useTokenStream(client, { onTokens: () => {} });
});

test("events of a gateway's own narrow", () => {
  useTokenStream(citing, {
    onEvent(event) {
      if (event.type === "citation") expectTypeOf(event.url).toEqualTypeOf<string>();
      // @ts-expect-error nobody has declared it
      void (event.type === "guess");
    },
  });
  useChat(citing, {
    configurationId: "cfg-1",
    onEvent(event) {
      if (event.type === "citation") expectTypeOf(event.content).toEqualTypeOf<string>();
    },
  });
});

test("a chat needs its configuration, and its form submits it", () => {
  const chat = useChat(client, { configurationId: "cfg-1" });
  expectTypeOf(chat.messages).toExtend<readonly ChatMessage[]>();
  for (const part of chat.messages[0]?.parts ?? []) {
    if (part.type === "tool_call") expectTypeOf(part.callId).toEqualTypeOf<string>();
  }
  expectTypeOf(chat.submit).toBeCallableWith({ preventDefault: () => {} });
  expectTypeOf<UseChatOptions>().not.toHaveProperty("autoResume");
  // @ts-expect-error the configuration is missing
  useChat(client, {});
  // @ts-expect-error the hook alone changes its messages
  chat.messages = [];
});
