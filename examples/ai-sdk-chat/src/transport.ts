import { DefaultChatTransport } from "ai";
import type { ChatMessage } from "./saved-chat.ts";

const configurationId = import.meta.env["VITE_CONFIGURATION_ID"] ?? "demo";
const api = `/api/llm/ai-sdk/${configurationId}`;

/** What a page of your own changes is its `api`. */
export const transport = new DefaultChatTransport<ChatMessage>({ api });

/** `stop()` of the chat only stops reading: the answer would continue for a page that resumes it. */
export async function endAnswer(id: string): Promise<void> {
  await fetch(`${api}/${id}/stop`, { method: "POST" });
}
