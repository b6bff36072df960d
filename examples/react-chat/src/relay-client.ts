import { createClient } from "@gatestream/client";
import { persistInSession } from "@gatestream/client/chat";

/** Made once: a lost connection is made up for, and a reload comes back to the answer. */
export const client = createClient({ url: "/api/llm", resumable: true });

/** Where the conversation outlives a reload: in this tab. */
export const persist = persistInSession("gatestream-chat");

/** Which configuration of the gateway answers. */
export const configurationId: string = import.meta.env["VITE_CONFIGURATION_ID"] ?? "demo";
