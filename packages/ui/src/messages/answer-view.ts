import type { ChatMessage } from "@gatestream/client/chat";
import { buildButton, buildElement } from "../build-element.ts";
import { createMarkdownView } from "../markdown/markdown-view.ts";
import { spokenText } from "../markdown/spoken-text.ts";
import { buildCopyButton } from "./copy-button.ts";
import { endingNote } from "./ending-note.ts";
import { explainError } from "./explain-error.ts";
import { buildMessage, type MessageContext, type MessageView } from "./message-view.ts";

/** An answer, while it is written and when it has ended in one way or the other. */
export function createAnswerView({ chat, labels, onAsked }: MessageContext): MessageView {
  let shown: ChatMessage | undefined;
  const text = buildElement("div", { class: "gs-markdown", part: "answer", dir: "auto" });
  const markdown = createMarkdownView(text, { labels });
  const words = buildElement("p", { class: "gs-problem-words" });
  const reference = buildElement("p", { class: "gs-problem-reference" });
  const problem = buildElement(
    "div",
    { class: "gs-problem", part: "problem", role: "alert" },
    words,
    reference,
  );
  const note = buildElement("p", { class: "gs-note" });
  const copyButton = buildCopyButton(labels, () => shown?.content ?? "");
  const retry = buildButton(labels.retry, "quiet", () => {
    chat.retry();
    onAsked();
  });
  const actions = buildElement("div", { class: "gs-message-actions" }, copyButton, retry);
  const element = buildMessage("assistant", labels.answer, text, note, problem, actions);

  function show(message: ChatMessage): void {
    const { content, status = "done", error } = message;
    markdown.update(content, { isWhole: status === "done" });
    const noteWords = endingNote(message, labels);
    note.hidden = noteWords === undefined;
    note.textContent = noteWords ?? "";
    problem.hidden = error === undefined;
    words.textContent = error ? explainError(error, labels) : "";
    const { code = "", requestId } = error ?? {};
    reference.textContent =
      requestId === undefined ? code : labels.requestReference(code, requestId);
    copyButton.hidden = content === "" || status === "streaming";
    element.ariaBusy = String(status === "streaming");
    // Last, so that whatever waits for a status finds what belongs to it.
    element.dataset["status"] = status;
  }

  return {
    element,
    update(message, { isLast, isRunning }) {
      if (message !== shown) show(message);
      shown = message;
      retry.hidden = !isLast || isRunning;
      actions.hidden = retry.hidden && copyButton.hidden;
    },
    spokenText() {
      // An alert speaks for itself.
      if (shown?.status === "error") return "";
      if (shown?.status === "cancelled") return note.textContent;
      return `${spokenText(shown?.content ?? "")} ${note.textContent}`.trim();
    },
  };
}
