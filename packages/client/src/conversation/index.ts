export type { AnswerStatus, ChatMessage, InitialMessage } from "./chat-message.ts";
export type { ChatOptions } from "./chat-options.ts";
export type { Chat, ChatSnapshot } from "./chat.ts";
export { createChat } from "./create-chat.ts";
export {
  createCurrentStream,
  type CurrentStream,
  type CurrentStreamSnapshot,
  type DisposeOptions,
} from "./current-stream.ts";
export type { Given } from "./given.ts";
export { persistInSession } from "./persist-in-session.ts";
export type { RequestLimits } from "./request-messages.ts";
export type { ChatPersistence, SavedChat, SavedError, SavedMessage } from "./saved-chat.ts";
