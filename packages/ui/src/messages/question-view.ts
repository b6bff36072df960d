import type { ChatMessage } from "@gatestream/client/chat";
import { buildButton, buildElement } from "../build-element.ts";
import { fileNameOf } from "../parts/files-view.ts";
import { createIconButton } from "./icon-button.ts";
import { createMessageActions } from "./message-actions.ts";
import { createMessageEditor } from "./message-editor.ts";
import { buildMessage, type MessageContext, type MessageView } from "./message-view.ts";

/** A question, with a button to ask it in other words. */
export function createQuestionView(context: MessageContext): MessageView {
  const { chat, labels, onAsked, maxMessageCharacters } = context;
  let shown: ChatMessage | undefined;
  let editor: HTMLElement | undefined;
  const text = buildElement("div", { class: "gs-text", part: "question", dir: "auto" });
  const fold = buildButton(labels.showAll, "quiet", () => {
    const isFolded = text.toggleAttribute("data-folded");
    fold.textContent = isFolded ? labels.showAll : labels.showLess;
    fold.ariaExpanded = String(!isFolded);
  });
  fold.hidden = true;
  const edit = createIconButton("edit", labels.edit, beginEditing);
  const actions = createMessageActions(context, [edit]);
  const images = buildElement("ul", { class: "gs-images", part: "images", hidden: "" });
  const element = buildMessage("user", labels.you, images, text, fold, actions.element);

  function beginEditing(): void {
    if (shown === undefined) return;
    const { id, content } = shown;
    editor = createMessageEditor({
      labels,
      text: content,
      maxMessageCharacters,
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
    showEditing(true);
    editor.querySelector("textarea")?.focus();
    // Not every browser scrolls to what has the focus in a window that is not active.
    editor.scrollIntoView?.({ block: "nearest" });
  }

  function endEditing(): void {
    editor?.remove();
    editor = undefined;
    showEditing(false);
  }

  function showEditing(isEditing: boolean): void {
    text.hidden = isEditing || text.textContent === "";
    actions.element.hidden = isEditing;
    fold.hidden = isEditing || !isLong(text.textContent);
  }

  /** Their names alone: the reader has seen them, and a conversation that is saved may not have them. */
  function showImages({ attachments = [] }: ChatMessage): void {
    images.hidden = attachments.length === 0;
    images.replaceChildren(
      ...attachments.map(({ url }, index) => {
        const name = fileNameOf(url) || labels.image(index + 1);
        return buildElement("li", { dir: "auto" }, name);
      }),
    );
  }

  return {
    element,
    update(message, state) {
      const { isRunning } = state;
      if (message.content !== shown?.content) {
        text.textContent = message.content;
        text.hidden = message.content === "";
        const isFolded = isLong(message.content);
        text.toggleAttribute("data-folded", isFolded);
        fold.ariaExpanded = String(!isFolded);
        fold.hidden = !isFolded;
      }
      if (message.attachments !== shown?.attachments) showImages(message);
      shown = message;
      actions.update(message, state);
      edit.element.hidden = isRunning;
      if (isRunning && editor) endEditing();
    },
    spokenText: () => text.textContent,
    close() {},
  };
}

const foldedLines = 12;

/** Whether a text is higher than what is shown of it when it is folded, in the widest window. */
function isLong(text: string): boolean {
  const lineCount = text
    .split("\n")
    .reduce((count, line) => count + Math.max(1, Math.ceil(line.length / 80)), 0);
  return lineCount > foldedLines + 2;
}
