export { brandColors, type BrandColors, type BrandScheme } from "./brand/brand-colors.ts";
export { createChatView, type ChatView, type ChatViewOptions } from "./chat-view.ts";
export { createComposer, type Composer, type ComposerOptions } from "./composer/composer.ts";
export {
  createInspector,
  type Inspector,
  type InspectorBeginning,
  type InspectorOptions,
} from "./inspector/inspector.ts";
export { inspectorListeners, type InspectorListeners } from "./inspector/listeners.ts";
export { conversationText, saveText } from "./conversation-text.ts";
export { english } from "./labels/english.ts";
export type { Labels } from "./labels/labels.ts";
export { loadLabels } from "./labels/load-labels.ts";
export {
  createMarkdownView,
  type MarkdownOptions,
  type MarkdownUpdate,
  type MarkdownView,
} from "./markdown/markdown-view.ts";
export type { Highlight } from "./markdown/code-block.ts";
export type { Maths } from "./markdown/formula-view.ts";
export { createIconButton, type Icon, type IconButton } from "./messages/icon-button.ts";
export { createMessages, type MessagesOptions, type MessagesView } from "./messages/messages.ts";
