export { answerNote } from "./conversation/answer-note.ts";
export { createChatView, type ChatView, type ChatViewOptions } from "./conversation/chat-view.ts";
export { explainError } from "./conversation/explain-error.ts";
export { followEnd, type EndFollower } from "./conversation/follow-end.ts";
export { isEscapeKey, isSendingKey } from "./conversation/sending-key.ts";
export { copyText } from "./copy-text.ts";
export {
  createMarkdownView,
  type MarkdownUpdate,
  type MarkdownView,
} from "./markdown/markdown-view.ts";
export { spokenText } from "./markdown/spoken-text.ts";
export { createWireDrawer, type WireBeginning, type WireDrawer } from "./wire/wire-drawer.ts";
export { wireListeners, type WireListeners } from "./wire/wire-listeners.ts";
