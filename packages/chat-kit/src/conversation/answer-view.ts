import type { ChatMessage } from "@gatestream/client/chat";
import { buildButton, buildElement } from "../build-element.ts";
import { createMarkdownView } from "../markdown/markdown-view.ts";
import { spokenText } from "../markdown/spoken-text.ts";
import { answerNote } from "./answer-note.ts";
import { buildCopyButton } from "./copy-button.ts";
import { explainError } from "./explain-error.ts";
import { buildMessage, type MessageActions, type MessageView } from "./message-view.ts";

/** An answer, while it comes and when it has ended in one way or the other. */
export function createAnswerView({ onRetry }: MessageActions): MessageView {
  let shown: ChatMessage | undefined;
  const text = buildElement("div", { class: "gs-markdown", part: "answer", dir: "auto" });
  const markdown = createMarkdownView(text);
  const words = buildElement("p", { class: "gs-problem-words" });
  const reference = buildElement("p", { class: "gs-problem-reference" });
  const problem = buildElement("div", { class: "gs-problem", part: "problem" }, words, reference);
  const note = buildElement("p", { class: "gs-note" });
  const copyButton = buildCopyButton(() => shown?.content ?? "");
  const retry = buildButton("Retry", "quiet", onRetry);
  const actions = buildElement("div", { class: "gs-message-actions" }, copyButton, retry);
  const element = buildMessage("assistant", text, note, problem, actions);

  function show(message: ChatMessage): void {
    const { content, status = "done", error } = message;
    markdown.update(content, { isWhole: status === "done" });
    const noteWords = answerNote(message);
    note.hidden = noteWords === undefined;
    note.textContent = noteWords ?? "";
    problem.hidden = error === undefined;
    words.textContent = error ? explainError(error) : "";
    const { code = "", requestId } = error ?? {};
    reference.textContent = requestId === undefined ? code : `${code}, request ${requestId}`;
    copyButton.hidden = content === "" || status === "streaming";
    // Last, so that whoever waits for a status finds what belongs to it.
    element.dataset["status"] = status;
  }

  return {
    element,
    update(message, { isLast, isAnswering }) {
      if (message !== shown) show(message);
      shown = message;
      retry.hidden = !isLast || isAnswering;
      actions.hidden = retry.hidden && copyButton.hidden;
    },
    spokenText() {
      if (shown?.status === "error") return words.textContent;
      if (shown?.status === "cancelled") return note.textContent;
      return `${spokenText(shown?.content ?? "")} ${note.textContent}`.trim();
    },
  };
}
