import {
  createClient,
  type AnswerPart,
  type StreamError,
  type StreamStatus,
} from "@gatestream/client";
import type { ChatMessage } from "@gatestream/client/chat";
import { expectTypeOf, test } from "vitest";
import { ref, type ComputedRef, type Ref } from "vue";
import { useChat, useTokenStream, type UseChatOptions } from "./index.ts";

interface OwnEvents {
  readonly citation: { readonly url: string };
}

const client = createClient({ url: "/api/llm" });
const citing = createClient<OwnEvents>({ url: "/api/llm" });

test("a stream is refs and functions", () => {
  const stream = useTokenStream(client);
  expectTypeOf(stream.text).toEqualTypeOf<ComputedRef<string>>();
  expectTypeOf(stream.parts).toEqualTypeOf<ComputedRef<readonly AnswerPart[]>>();
  expectTypeOf(stream.status).toEqualTypeOf<ComputedRef<StreamStatus>>();
  expectTypeOf(stream.error).toEqualTypeOf<ComputedRef<StreamError | undefined>>();
  expectTypeOf(stream.start).returns.toEqualTypeOf<boolean>();
  // @ts-expect-error messages are missing
  stream.start({ configurationId: "cfg-1" });
  // @ts-expect-error the stream alone writes its text
  stream.text.value = "";
});

test("events of a gateway's own narrow", () => {
  useTokenStream(citing, {
    onEvent(event) {
      if (event.type === "citation") expectTypeOf(event.url).toEqualTypeOf<string>();
      // @ts-expect-error nobody has declared it
      void (event.type === "guess");
    },
  });
  useChat(citing, () => ({
    configurationId: "cfg-1",
    onEvent(event) {
      if (event.type === "citation") expectTypeOf(event.content).toEqualTypeOf<string>();
    },
  }));
});

test("a chat needs its configuration, as an object, a ref or a getter", () => {
  const chat = useChat(client, { configurationId: "cfg-1" });
  useChat(client, ref({ configurationId: "cfg-1" }));
  expectTypeOf(chat.messages).toExtend<ComputedRef<readonly ChatMessage[]>>();
  expectTypeOf(chat.input).toEqualTypeOf<Ref<string>>();
  expectTypeOf<UseChatOptions>().not.toHaveProperty("autoResume");
  // @ts-expect-error the configuration is missing
  useChat(client, {});
});
