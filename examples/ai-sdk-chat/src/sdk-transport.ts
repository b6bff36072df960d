import { createChatTransport } from "@gatestream/ai-sdk";
import { createClient } from "@gatestream/client";

const configurationId = import.meta.env["VITE_CONFIGURATION_ID"] ?? "demo";

/** In place of the one in `transport.ts`: a lost connection is resumed, and the page notices nothing. */
export const transport = createChatTransport({
  client: createClient({ url: "/api/llm" }),
  configurationId,
});

/** `stop()` of the chat ends the answer. */
export async function endAnswer(): Promise<void> {}
