export type { AnswerStatus, ChatMessage, InitialMessage, MessageMetadata } from "./chat-message.ts";
export type { ChatOptions, PreparedRequest } from "./chat-options.ts";
export type { Chat, ChatSnapshot, DisposeOptions, SendOptions } from "./chat.ts";
export { createChat } from "./create-chat.ts";
export { createCurrentStream, type CurrentStream } from "./current-stream.ts";
export type { MaybeGetter } from "./to-value.ts";
export type { BranchMessage } from "./message-tree.ts";
export {
  persistInSession,
  persistLocally,
  type ConversationSummary,
  type DroppedFromStorage,
  type StorageOptions,
  type StoredConversations,
} from "./persist-in-storage.ts";
export type { RequestLimits } from "./request-messages.ts";
export type { ChatPersistence, SavedChat, SavedError, SavedMessage } from "./saved-chat.ts";
