import type { OwnEvent, StreamStatus, ToolCallPart } from "@gatestream/client";
import type { Chat, ChatMessage } from "@gatestream/client/chat";
import { buildButton, buildElement } from "../build-element.ts";
import { relayMaxCharacters } from "../composer/message-length.ts";
import { english } from "../labels/english.ts";
import type { Labels } from "../labels/labels.ts";
import type { Highlight } from "../markdown/code-block.ts";
import type { Maths } from "../markdown/formula-view.ts";
import { connectionWords } from "./connection-words.ts";
import { createMessageList } from "./message-list.ts";
import { stickToBottom } from "./stick-to-bottom.ts";

/** What the messages of a conversation are shown with. */
export interface MessagesOptions {
  readonly chat: Chat;
  /** @defaultValue English */
  readonly labels?: Labels | undefined;
  /**
   * What is shown as long as nothing is asked. In a whole chat, a `<slot>` has the greeting and the
   * prompts as what it shows when nothing is put into it.
   *
   * @defaultValue the greeting of the labels
   */
  readonly empty?: Node | undefined;
  /** Called when a message's button has asked for an answer: the place to focus the composer. */
  readonly onAsked?: (() => void) | undefined;
  /**
   * The longest question that is sent when one is edited, in UTF-16 code units.
   *
   * @defaultValue 200_000, the longest that the relay takes
   */
  readonly maxMessageCharacters?: number | undefined;
  /**
   * Called when a reader has said what an answer was worth.
   *
   * @defaultValue there are no buttons for it
   */
  readonly onFeedback?: ((message: ChatMessage, rating: "up" | "down") => void) | undefined;
  /**
   * Makes what is shown below an answer for an event of a type that only your gateway sends, when it
   * comes; nothing for undefined.
   *
   * @defaultValue such events are not shown
   */
  readonly renderEvent?: ((event: OwnEvent, message: ChatMessage) => Node | undefined) | undefined;
  /**
   * Makes what is shown in place of the row of a tool call, each time that more of it has come; the row
   * for undefined.
   *
   * @defaultValue its name, its state, and its arguments folded
   */
  readonly renderToolCall?:
    | ((call: ToolCallPart, message: ChatMessage) => Node | undefined)
    | undefined;
  /**
   * From where images of an answer are loaded, such as `https://images.example.com`; `data:` for those that
   * came with it. The server of an image learns that the answer is read, and whatever the model has put
   * into its address: allow none that others can write to.
   *
   * @defaultValue none: they are links
   */
  readonly imageOrigins?: readonly string[] | undefined;
  /**
   * Colours code that has ended.
   *
   * @defaultValue code has no colours
   */
  readonly highlight?: Highlight | undefined;
  /**
   * Sets formulas.
   *
   * @defaultValue they are shown as they are written
   */
  readonly maths?: Maths | undefined;
}

/** The messages of a conversation on the page. */
export interface MessagesView {
  /** Takes them off the page; the conversation itself goes on. */
  close(): void;
}

/** Shows the messages of a conversation in `element`, and what its connection is doing. */
export function createMessages(element: HTMLElement, options: MessagesOptions): MessagesView {
  const { chat, labels = english, empty, onAsked = () => {} } = options;
  const { maxMessageCharacters = relayMaxCharacters } = options;
  const { onFeedback, renderEvent, renderToolCall, imageOrigins, highlight, maths } = options;
  const emptyText = buildElement("div", { class: "gs-empty", part: "empty" });
  emptyText.append(empty ?? buildElement("p", { class: "gs-greeting" }, labels.greeting));
  const scroller = buildElement(
    "div",
    {
      class: "gs-messages",
      part: "messages",
      role: "log",
      // Silent: it changes many times a second. The announcement below says what has come of it.
      "aria-live": "off",
      "aria-label": labels.conversation,
      tabindex: "0",
    },
    emptyText,
  );
  const latest = buildButton(labels.latest, "quiet", () => bottom.scrollToBottom(), {
    class: "gs-button gs-latest",
    part: "latest",
  });
  latest.hidden = true;
  const banner = buildElement("p", {
    class: "gs-banner",
    part: "banner",
    role: "status",
    dir: "auto",
  });
  const announcement = buildElement("p", {
    class: "gs-announcement gs-visually-hidden",
    role: "status",
  });
  element.classList.add("gs-ui", "gs-conversation");
  element.replaceChildren(scroller, latest, banner, announcement);
  const bottom = stickToBottom(scroller, (isSticking) => {
    latest.hidden = isSticking;
  });
  const list = createMessageList(scroller, {
    chat,
    labels,
    onAsked,
    maxMessageCharacters,
    onFeedback,
    renderEvent,
    renderToolCall,
    imageOrigins,
    highlight,
    maths,
    announce(words) {
      announcement.textContent = words;
    },
  });
  let lastId: string | undefined;
  let wasRunning = chat.getSnapshot().isRunning;
  let notice: Notice;

  function show(): void {
    const snapshot = chat.getSnapshot();
    const { messages, status, queuePosition, isRunning } = snapshot;
    list.update(snapshot);
    const isEmpty = messages.every(({ role }) => role === "system");
    const answer = messages.at(-1);
    notice = nextNotice(notice, status, answer?.role === "assistant" ? answer.content : "");
    showNotice(queuePosition);
    const view = list.last();
    // Not what a conversation begins with, or what was saved.
    if (isRunning && answer && answer.id !== lastId && lastId !== undefined && view) {
      bottom.beginTurn(view.element);
    }
    lastId = answer?.id ?? "";
    // Not every token: a screen reader would never come to an end.
    if (isEmpty && emptyText.hidden) setText(announcement, labels.newChatBegun);
    else if (isRunning !== wasRunning) {
      setText(announcement, isRunning ? labels.answering : (view?.spokenText() ?? ""));
    }
    wasRunning = isRunning;
    if (emptyText.hidden === isEmpty) emptyText.hidden = !isEmpty;
  }

  function showNotice(queuePosition: number | undefined): void {
    const words =
      notice === "resumed" ? labels.resumed : connectionWords(notice, queuePosition, labels);
    setText(banner, words ?? "");
    const kind = notice === "queued" || notice === "resumed" ? notice : notice && "lost";
    if (kind === banner.dataset["notice"]) return;
    if (kind === undefined) delete banner.dataset["notice"];
    else banner.dataset["notice"] = kind;
  }

  const unsubscribe = chat.subscribe(show);
  show();
  bottom.scrollToBottom();
  return {
    close() {
      unsubscribe();
      list.close();
      bottom.close();
      element.replaceChildren();
    },
  };
}

/** What the reader should know of the connection. */
type Notice = "queued" | "reconnecting" | "offline" | "resumed" | undefined;

/** The notice after the last one; "resumed" stays until the answer has ended. */
function nextNotice(last: Notice, status: StreamStatus, answer: string): Notice {
  if (status === "queued" || status === "reconnecting" || status === "offline") return status;
  // An answer that has text before it has a connection was begun before a reload.
  if (status === "connecting") return answer === "" ? undefined : "reconnecting";
  const wasLost = last !== undefined && last !== "queued";
  return status === "streaming" && wasLost ? "resumed" : undefined;
}

function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
