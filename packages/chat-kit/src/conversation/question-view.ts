import type { ChatMessage } from "@gatestream/client/chat";
import { buildButton, buildElement } from "../build-element.ts";
import { buildCopyButton } from "./copy-button.ts";
import { createMessageEditor } from "./message-editor.ts";
import { buildMessage, type MessageActions, type MessageView } from "./message-view.ts";

/** What somebody has asked, with a button to ask it in other words. */
export function createQuestionView({ onEdit }: MessageActions): MessageView {
  let shown: ChatMessage | undefined;
  let editor: HTMLElement | undefined;
  const text = buildElement("div", { class: "gs-text", part: "question", dir: "auto" });
  const edit = buildButton("Edit", "quiet", beginEditing);
  const actions = buildElement(
    "div",
    { class: "gs-message-actions" },
    buildCopyButton(() => shown?.content ?? ""),
    edit,
  );
  const element = buildMessage("user", text, actions);

  function beginEditing(): void {
    if (shown === undefined) return;
    const { id, content } = shown;
    editor = createMessageEditor({
      text: content,
      onSend(words) {
        endEditing();
        onEdit(id, words);
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
    update(message, { isAnswering }) {
      if (message !== shown) text.textContent = message.content;
      shown = message;
      edit.hidden = isAnswering;
      if (isAnswering && editor) endEditing();
    },
    spokenText: () => text.textContent,
  };
}
