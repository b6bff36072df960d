import "./define.ts";

export { GatestreamChat, type GatestreamChatEvents } from "./gatestream-chat.ts";
