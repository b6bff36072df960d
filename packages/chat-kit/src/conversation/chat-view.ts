import type { StreamStatus } from "@gatestream/client";
import type { Chat } from "@gatestream/client/chat";
import { createComposer } from "./composer.ts";
import { followEnd } from "./follow-end.ts";
import { createMessageList } from "./message-list.ts";
import { isEscapeKey } from "./sending-key.ts";

/** A conversation on the page. */
export interface ChatView {
  /** Puts the cursor where messages are written. */
  focus(): void;
  /** Asks a question as if it had been written. False when an answer is on its way. */
  send(text: string): boolean;
  /** Takes the conversation off the page; the chat itself goes on. */
  close(): void;
}

export interface ChatViewOptions {
  readonly chat: Chat;
  /**
   * Where the parts of the page are: `.gs-messages` and the form `.gs-composer`, and if there are any
   * `.gs-banner`, `.gs-announcement`, `.gs-empty`, and the buttons `.gs-latest` and `.gs-reset`. Escape
   * in it stops an answer.
   */
  readonly root: Document | ShadowRoot | HTMLElement;
}

const banners: Partial<Record<StreamStatus, string>> = {
  queued: "Waiting in line…",
  reconnecting: "The connection was lost. Reconnecting…",
  offline: "There is no network. The answer goes on when it is back…",
};

/** Shows a conversation, and lets people take part in it. */
export function createChatView({ chat, root }: ChatViewOptions): ChatView {
  const closing = new AbortController();
  const { signal } = closing;
  const scroller = find(root, ".gs-messages", HTMLElement);
  const banner = root.querySelector(".gs-banner");
  const announcement = root.querySelector(".gs-announcement");
  const empty = root.querySelector<HTMLElement>(".gs-empty");
  const latest = root.querySelector<HTMLElement>(".gs-latest");
  const reset = root.querySelector<HTMLElement>(".gs-reset");
  const end = followEnd(scroller, (isFollowing) => {
    if (latest) latest.hidden = isFollowing;
  });
  latest?.addEventListener("click", end.goToEnd, { signal });
  const list = createMessageList(scroller, {
    onRetry() {
      chat.retry();
      composer.focus();
    },
    onEdit(id, text) {
      chat.edit(id, text);
      composer.focus();
    },
  });
  const composer = createComposer(find(root, ".gs-composer", HTMLFormElement), {
    onSend: send,
    onStop: chat.stop,
    signal,
  });
  let wasAnswering = false;

  function send(text: string): boolean {
    const isTaken = chat.send(text);
    if (isTaken) end.goToEnd();
    return isTaken;
  }

  function show(): void {
    const { messages, status, isRunning: isAnswering } = chat.getSnapshot();
    list.update(messages, isAnswering);
    composer.setAnswering(isAnswering);
    setText(banner, banners[status] ?? "");
    const isEmpty = messages.every(({ role }) => role === "system");
    if (empty) empty.hidden = !isEmpty;
    if (reset) reset.hidden = isEmpty;
    // Not every token: a screen reader would never come to an end.
    if (isAnswering !== wasAnswering) {
      setText(announcement, isAnswering ? "Answering…" : list.spokenText());
    }
    wasAnswering = isAnswering;
  }

  const onKeyDown = (event: Event): void => {
    if (event instanceof KeyboardEvent && isEscapeKey(event)) chat.stop();
  };
  root.addEventListener("keydown", onKeyDown, { signal });
  const beginAnew = (): void => {
    chat.reset();
    setText(announcement, "New chat.");
    composer.focus();
  };
  reset?.addEventListener("click", beginAnew, { signal });
  const unsubscribe = chat.subscribe(show);
  show();
  end.goToEnd();

  return {
    focus: composer.focus,
    send,
    close() {
      closing.abort();
      end.close();
      unsubscribe();
      list.update([], false);
    },
  };
}

function setText(element: Element | null, text: string): void {
  if (element && element.textContent !== text) element.textContent = text;
}

function find<E extends Element>(root: ParentNode, selector: string, type: new () => E): E {
  const element = root.querySelector(selector);
  if (element instanceof type) return element;
  throw new Error(`The page has no ${selector}.`);
}
