import type { StreamStatus } from "@gatestream/client";
import type { ChatMessage } from "@gatestream/client/chat";
import { buildButton, buildElement } from "../build-element.ts";
import type { Labels } from "../labels/labels.ts";
import { createMarkdownView } from "../markdown/markdown-view.ts";
import { spokenText } from "../markdown/spoken-text.ts";
import { buildCopyButton } from "./copy-button.ts";
import { endingNote, isCutAtLimit } from "./ending-note.ts";
import {
  buildMessage,
  type MessageContext,
  type MessageState,
  type MessageView,
} from "./message-view.ts";
import { createProblemView } from "./problem-view.ts";
import { createQuietTimer } from "./quiet-timer.ts";

/** An answer, while it is written and when it has ended in one way or the other. */
export function createAnswerView({ chat, labels, onAsked }: MessageContext): MessageView {
  let shown: ChatMessage | undefined;
  let state: MessageState | undefined;
  let quietStage = 0;
  const text = buildElement("div", { class: "gs-markdown", part: "answer", dir: "auto" });
  const markdown = createMarkdownView(text, { labels });
  const waiting = buildElement("p", { class: "gs-waiting", part: "waiting", role: "status" });
  const quiet = createQuietTimer((stage) => {
    quietStage = stage;
    element.toggleAttribute("data-quiet", stage > 0);
    showWaiting();
  });
  const note = buildElement("p", { class: "gs-note" });
  const problem = createProblemView(labels, (isWaiting) => {
    retry.disabled = isWaiting;
  });
  const copyButton = buildCopyButton(labels, () => shown?.content ?? "");
  const goOn = buildButton(labels.continue, "primary", () => {
    if (state?.canResume) chat.resume();
    else chat.send(labels.continueRequest);
    onAsked();
  });
  const retry = buildButton(labels.retry, "quiet", () => {
    // Where it could be gone on with, `retry` would do that.
    if (state?.canResume) chat.regenerate(shown?.id);
    else chat.retry();
    onAsked();
  });
  const actions = buildElement("div", { class: "gs-message-actions" }, goOn, copyButton, retry);
  const element = buildMessage(
    "assistant",
    labels.answer,
    text,
    waiting,
    note,
    problem.element,
    actions,
  );

  function show(message: ChatMessage): void {
    const { content, status = "done", error } = message;
    markdown.update(content, { isWhole: status === "done" });
    const noteWords = endingNote(message, labels);
    note.hidden = noteWords === undefined;
    note.textContent = noteWords ?? "";
    problem.update(error);
    copyButton.hidden = content === "" || status === "streaming";
    element.ariaBusy = String(status === "streaming");
    // Last, so that whatever waits for a status finds what belongs to it.
    element.dataset["status"] = status;
  }

  function showWaiting(): void {
    const isWritten = shown?.status === "streaming" && state?.isRunning === true;
    waiting.hidden = !isWritten || (shown?.content !== "" && quietStage < 2);
    const words = isWritten ? waitingWords(quietStage, state?.status, labels) : "";
    if (waiting.textContent !== words) waiting.textContent = words;
  }

  return {
    element,
    update(message, next) {
      const { isLast, isRunning, canResume } = next;
      const hasGrown = message.content !== shown?.content || message.status !== shown.status;
      if (message !== shown) show(message);
      shown = message;
      state = next;
      if (!isRunning || message.status !== "streaming") quiet.stop();
      else if (hasGrown) quiet.restart();
      showWaiting();
      retry.hidden = !isLast || isRunning;
      goOn.hidden = retry.hidden || !(canResume || isCutAtLimit(message));
      retry.dataset["kind"] = message.error?.retryable && goOn.hidden ? "primary" : "quiet";
      actions.hidden = retry.hidden && copyButton.hidden;
    },
    spokenText() {
      // An alert speaks for itself.
      if (shown?.status === "error") return "";
      if (shown?.status === "cancelled") return note.textContent;
      return `${spokenText(shown?.content ?? "")} ${note.textContent}`.trim();
    },
    close() {
      quiet.stop();
      problem.close();
    },
  };
}

/** What is told of an answer of which nothing has come for a while, and why, where that is known. */
function waitingWords(stage: number, status: StreamStatus | undefined, labels: Labels): string {
  if (stage < 2) return "";
  const isKnown = status === "queued" || status === "reconnecting" || status === "offline";
  const reason = isKnown ? labels[status] : undefined;
  if (stage === 2) return reason ?? labels.thinking;
  return `${labels.takesLonger} ${reason ?? ""}`.trim();
}
