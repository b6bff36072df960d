import { loadLabels } from "@gatestream/ui";
import { defineElement } from "./define.ts";

defineElement(loadLabels);

export { GatestreamChat, type Feedback, type GatestreamChatEvents } from "./gatestream-chat.ts";
export type { GatestreamChatAttributes } from "./attributes.ts";
