export { Chat, type ChatProps } from "./chat.tsx";
export { Composer, type ComposerProps } from "./composer.tsx";
export { Markdown, type MarkdownProps } from "./markdown.tsx";
export { Messages, type MessagesProps } from "./messages.tsx";
