import { createClient } from "@gatestream/client";
import type { ChatTransport, UIMessage } from "ai";
import type { ChatTransport as ChatTransport5, UIMessage as UIMessage5 } from "ai-5";
import type { ChatTransport as ChatTransport7, UIMessage as UIMessage7 } from "ai-7";
import { type AnswerMetadata, createChatTransport, type GatestreamNotice } from "./index.ts";

const configurationId = "cfg-1";
const client = createClient({ url: "/api/llm" });
const transport = createChatTransport({ client, configurationId });

export const of5: ChatTransport5<UIMessage5> = transport;
export const of6: ChatTransport<UIMessage> = transport;
export const of7: ChatTransport7<UIMessage7> = transport;

// Messages whose metadata, data and tools a page has declared.
type Data = { readonly gatestream: GatestreamNotice };
type Tools = { readonly look_up: { input: { id: string }; output: string } };
export const declared5: ChatTransport5<UIMessage5<AnswerMetadata, Data, Tools>> = transport;
export const declared6: ChatTransport<UIMessage<AnswerMetadata, Data, Tools>> = transport;
export const declared7: ChatTransport7<UIMessage7<AnswerMetadata, Data, Tools>> = transport;

const citing = createClient<{ citation: { readonly url: string } }>({ url: "/api/llm" });
createChatTransport({
  client: citing,
  configurationId,
  metadata: { queue: "billing" },
  options: { temperature: 0, tools: [{ name: "look_up" }] },
});

// @ts-expect-error The configuration is missing, and not every request may name one.
createChatTransport({ client });
// @ts-expect-error The chat's messages are those of the request.
createChatTransport({ client, configurationId, messages: [] });
