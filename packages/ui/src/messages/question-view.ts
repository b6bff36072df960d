import type { ChatMessage } from "@gatestream/client/chat";
import { buildElement } from "../build-element.ts";
import { createIconButton } from "./icon-button.ts";
import { createMessageActions } from "./message-actions.ts";
import { createMessageEditor } from "./message-editor.ts";
import { buildMessage, type MessageContext, type MessageView } from "./message-view.ts";

/** A question, with a button to ask it in other words. */
export function createQuestionView(context: MessageContext): MessageView {
  const { chat, labels, onAsked } = context;
  let shown: ChatMessage | undefined;
  let editor: HTMLElement | undefined;
  const text = buildElement("div", { class: "gs-text", part: "question", dir: "auto" });
  const edit = createIconButton("edit", labels.edit, beginEditing);
  const actions = createMessageActions(context, [edit]);
  const element = buildMessage("user", labels.you, text, actions.element);

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
        edit.element.focus();
      },
    });
    element.append(editor);
    text.hidden = true;
    actions.element.hidden = true;
    editor.querySelector("textarea")?.focus();
  }

  function endEditing(): void {
    editor?.remove();
    editor = undefined;
    text.hidden = false;
    actions.element.hidden = false;
  }

  return {
    element,
    update(message, state) {
      const { isRunning } = state;
      if (message !== shown) text.textContent = message.content;
      shown = message;
      actions.update(message, state);
      edit.element.hidden = isRunning;
      if (isRunning && editor) endEditing();
    },
    spokenText: () => text.textContent,
    close() {},
  };
}
