export {
  createChatTransport,
  type ChatRequest,
  type ChatTransportOptions,
  type GatestreamChatTransport,
  type SendMessagesRequest,
} from "./chat-transport.ts";
export type { GatestreamNotice } from "./answer-stream.ts";
export type {
  AnswerFailure,
  AnswerMetadata,
  FinishReason,
  UiMessageChunk,
} from "./mapping/ui-message-chunk.ts";
export type { UiMessage } from "./mapping/messages.ts";
