/**
 * `@gatestream/ai-sdk/mapping`: what `@gatestream/relay-adapters` inlines of it when it is built. It is
 * not for other programs.
 */
export { createChunkMapping, failureChunks, type ChunkMapping } from "./chunk-mapping.ts";
export { continuedMessageId, messagesOf, type UiMessage } from "./messages.ts";
