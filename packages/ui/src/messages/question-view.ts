import type { ChatMessage } from "@gatestream/client/chat";
import { buildButton, buildElement } from "../build-element.ts";
import { buildCopyButton } from "./copy-button.ts";
import { createMessageEditor } from "./message-editor.ts";
import { buildMessage, type MessageContext, type MessageView } from "./message-view.ts";

/** A question, with a button to ask it in other words. */
export function createQuestionView({ chat, labels, onAsked }: MessageContext): MessageView {
  let shown: ChatMessage | undefined;
  let editor: HTMLElement | undefined;
  const text = buildElement("div", { class: "gs-text", part: "question", dir: "auto" });
  const edit = buildButton(labels.edit, "quiet", beginEditing);
  const copy = buildCopyButton(labels, () => shown?.content ?? "");
  const actions = buildElement("div", { class: "gs-message-actions" }, copy, edit);
  const element = buildMessage("user", labels.you, text, actions);

  function beginEditing(): void {
    if (shown === undefined) return;
    const { id, content } = shown;
    editor = createMessageEditor({
      labels,
      text: content,
      onSend(words) {
        endEditing();
        chat.edit(id, words);
        onAsked();
      },
      onCancel() {
        endEditing();
        edit.focus();
      },
    });
    element.append(editor);
    text.hidden = true;
    actions.hidden = true;
    editor.querySelector("textarea")?.focus();
  }

  function endEditing(): void {
    editor?.remove();
    editor = undefined;
    text.hidden = false;
    actions.hidden = false;
  }

  return {
    element,
    update(message, { isRunning }) {
      if (message !== shown) text.textContent = message.content;
      shown = message;
      edit.hidden = isRunning;
      if (isRunning && editor) endEditing();
    },
    spokenText: () => text.textContent,
    close() {},
  };
}
