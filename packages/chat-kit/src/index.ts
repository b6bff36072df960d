export { createChatView, type ChatView, type ChatViewOptions } from "./conversation/chat-view.ts";
export { explainError } from "./conversation/explain-error.ts";
export { createMarkdownView, type MarkdownView } from "./markdown/markdown-view.ts";
export { createWireDrawer, type WireBeginning, type WireDrawer } from "./wire/wire-drawer.ts";
export { wireListeners, type WireListeners } from "./wire/wire-listeners.ts";
