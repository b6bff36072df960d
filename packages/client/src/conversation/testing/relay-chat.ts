import { inject } from "vitest";
import { createClient, type ClientOptions } from "../../create-client.ts";
import { createHandMadeRelay, type Play } from "../../testing/hand-made-relay.ts";
import type { ChatOptions } from "../chat-options.ts";
import type { Chat, ChatSnapshot } from "../chat.ts";
import { createChat } from "../create-chat.ts";
import { until } from "./until.ts";

/** A chat with the emulated gateway. */
export function relayChat(
  options: Partial<ChatOptions> = {},
  clientOptions: Partial<ClientOptions> = {},
): Chat {
  const client = createClient({ url: inject("servers").relayUrl, retry: false, ...clientOptions });
  return createChat(client, { configurationId: "cfg-1", ...options });
}

/** A chat with a relay that plays these. */
export function handMadeChat(plays: readonly Play[], options: Partial<ChatOptions> = {}) {
  const relay = createHandMadeRelay(...plays);
  const client = createClient({ url: "/api/llm", fetch: relay.fetch, retry: false });
  return { chat: createChat(client, { configurationId: "cfg-1", ...options }), relay };
}

/** The snapshot in which the answer has ended. */
export function ended(chat: Chat): Promise<ChatSnapshot> {
  return until(chat, ({ status }) => ["done", "cancelled", "error"].includes(status));
}

/** The snapshot in which some of the answer has come. */
export function begun(chat: Chat): Promise<ChatSnapshot> {
  return until(chat, ({ messages }) => {
    const last = messages.at(-1);
    return last?.role === "assistant" && last.content !== "";
  });
}

/** What was said, in short. */
export function transcript({ messages }: ChatSnapshot): readonly string[] {
  return messages.map(({ role, content }) => `${role}: ${content}`);
}
