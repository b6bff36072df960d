export { Chat } from "./chat.ts";
export { Composer } from "./composer.ts";
export { Markdown } from "./markdown.ts";
export { Messages } from "./messages.ts";
