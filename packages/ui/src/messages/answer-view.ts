import type { OwnEvent } from "@gatestream/client";
import type { ChatMessage } from "@gatestream/client/chat";
import { buildButton, buildElement } from "../build-element.ts";
import type { Labels } from "../labels/labels.ts";
import { createMarkdownView } from "../markdown/markdown-view.ts";
import { spokenText } from "../markdown/spoken-text.ts";
import { createPartsView, sourcesOf } from "../parts/parts-view.ts";
import { connectionWords } from "./connection-words.ts";
import { endingNote, isCutAtLimit } from "./ending-note.ts";
import { createIconButton, type IconButton } from "./icon-button.ts";
import { createMessageActions } from "./message-actions.ts";
import {
  buildMessage,
  type MessageContext,
  type MessageState,
  type MessageView,
} from "./message-view.ts";
import { createProblemView } from "./problem-view.ts";
import { createQuietTimer } from "./quiet-timer.ts";

/** An answer, while it is written and when it has ended in one way or the other. */
export function createAnswerView(context: MessageContext): MessageView {
  const { chat, labels, onAsked, renderEvent, highlight, maths } = context;
  let shown: ChatMessage | undefined;
  let state: MessageState | undefined;
  let quietStage = 0;
  let eventCount = 0;
  const text = buildElement("div", { class: "gs-markdown", part: "answer", dir: "auto" });
  const markdown = createMarkdownView(text, { labels, highlight, maths });
  const parts = createPartsView(context);
  const waiting = buildElement("p", { class: "gs-waiting", part: "waiting", role: "status" });
  const quiet = createQuietTimer((stage) => {
    quietStage = stage;
    element.toggleAttribute("data-quiet", stage > 0);
    showWaiting();
  });
  const note = buildElement("p", { class: "gs-note" });
  const problem = createProblemView(labels, (isWaiting) => {
    retry.element.disabled = isWaiting;
  });
  const goOn = buildButton(labels.continue, "primary", () => {
    if (state?.canResume) chat.resume();
    else chat.send(labels.continueRequest);
    onAsked();
  });
  const retry = createIconButton("again", labels.retry, () => {
    // Of an answer that can be continued, `retry` would only have the rest.
    if (state?.isLast && !state.canResume) chat.retry();
    else chat.regenerate(shown?.id);
    onAsked();
  });
  const ratings = createRatings();
  const actions = createMessageActions(context, [retry, ...ratings], readHtml);
  actions.element.prepend(goOn);
  const events = buildElement("div", { class: "gs-own-events", part: "events" });
  events.hidden = true;
  const element = buildMessage(
    "assistant",
    labels.answer,
    parts.steps,
    text,
    parts.extras,
    events,
    waiting,
    note,
    problem.element,
    actions.element,
  );

  /** What stays as it is while text comes. */
  function showState(message: ChatMessage, { isLast, isRunning, canResume }: MessageState): void {
    const { content, status = "done", error } = message;
    const noteWords = endingNote(message, labels);
    note.hidden = noteWords === undefined;
    note.textContent = noteWords ?? "";
    problem.update(error);
    // One that was left in its middle, and is not resumed, can be asked for again.
    actions.element.hidden = status === "streaming" && isRunning;
    retry.element.hidden = isRunning;
    for (const { element: rating } of ratings) rating.hidden = content === "";
    goOn.hidden = !isLast || isRunning || !(canResume || isCutAtLimit(message));
    const isAdvised = isLast && error?.retryable && goOn.hidden;
    retry.element.dataset["kind"] = isAdvised ? "primary" : "quiet";
    element.ariaBusy = String(status === "streaming");
    // Last, so that whatever waits for a status finds what belongs to it.
    element.dataset["status"] = status;
  }

  /** The answer for an editor: without what can only be pressed here. */
  function readHtml(): string {
    const copy = text.cloneNode(true) as HTMLElement;
    for (const header of copy.querySelectorAll("figcaption, .gs-footnote > button"))
      header.remove();
    for (const button of copy.querySelectorAll("button")) button.replaceWith(button.textContent);
    return copy.innerHTML;
  }

  function createRatings(): readonly IconButton[] {
    const { onFeedback } = context;
    if (onFeedback === undefined) return [];
    const both = (["up", "down"] as const).map((rating) => {
      const label = rating === "up" ? labels.goodAnswer : labels.badAnswer;
      const button = createIconButton(rating, label, () => {
        if (shown) onFeedback(shown, rating);
        for (const one of both) one.element.ariaPressed = String(one === button);
      });
      button.element.ariaPressed = "false";
      return button;
    });
    return both;
  }

  /** What is shown of an event stays as it is when the answer grows. */
  function showEvents(message: ChatMessage): void {
    const { events: all = [] } = message;
    if (renderEvent === undefined || all.length === eventCount) return;
    if (all.length < eventCount) {
      eventCount = 0;
      events.replaceChildren();
    }
    const nodes = all.slice(eventCount).map((event) => renderEvent(event as OwnEvent, message));
    events.append(...nodes.filter((node) => node !== undefined));
    events.hidden = events.childNodes.length === 0;
    eventCount = all.length;
  }

  function showWaiting(): void {
    const isWritten = shown?.status === "streaming" && state?.isRunning === true;
    const isHidden = !isWritten || (shown !== undefined && hasBegun(shown) && quietStage < 2);
    if (waiting.hidden !== isHidden) waiting.hidden = isHidden;
    const words = isWritten && state ? waitingWords(quietStage, state, labels) : "";
    if (waiting.textContent !== words) waiting.textContent = words;
  }

  return {
    element,
    update(message, next) {
      const { content, status = "done" } = message;
      const before = shown;
      const isSameState = next === state && status === before?.status;
      shown = message;
      state = next;
      markdown.update(content, {
        isWhole: status === "done",
        sources: sourcesOf(message.parts),
      });
      parts.update(message, next.isRunning && next.isLast);
      showEvents(message);
      actions.update(message, next);
      if (!next.isRunning || status !== "streaming") quiet.stop();
      else if (isChanged(message, before)) quiet.restart();
      showWaiting();
      if (!isSameState || status !== "streaming") showState(message, next);
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
      markdown.close();
      parts.close();
    },
  };
}

/** Whether anything of an answer has come. */
function hasBegun({ content, parts = [] }: ChatMessage): boolean {
  return content !== "" || parts.length > 0;
}

function isChanged({ content, parts, status }: ChatMessage, before?: ChatMessage): boolean {
  return content !== before?.content || parts !== before.parts || status !== before.status;
}

/** What is told of an answer of which nothing has come for a while, and why, where that is known. */
function waitingWords(stage: number, state: MessageState, labels: Labels): string {
  if (stage < 2) return "";
  const { status, queuePosition } = state;
  const reason = connectionWords(status, queuePosition, labels);
  if (stage === 2) return reason ?? labels.thinking;
  return `${labels.takesLonger} ${reason ?? ""}`.trim();
}
