import type { ChatMessage } from "@gatestream/client/chat";
import type { Labels } from "./labels/labels.ts";
import { saveFile } from "./save-file.ts";

/** A conversation as a Markdown document: instructions to the model are left out. */
export function conversationText(
  messages: readonly ChatMessage[],
  { conversation, you, answer }: Labels,
): string {
  const parts = messages
    .filter(({ role }) => role !== "system")
    .map(({ role, content }) => `## ${role === "user" ? you : answer}\n\n${content}\n`);
  return [`# ${conversation}\n`, ...parts].join("\n");
}

/** Has the browser save a text; call it from a click. */
export function saveText(text: string, fileName: string): void {
  saveFile(new Blob([text], { type: "text/markdown" }), fileName);
}
