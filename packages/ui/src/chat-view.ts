import { buildElement } from "./build-element.ts";
import { createComposer, type ComposerOptions } from "./composer/composer.ts";
import { isEscapeKey } from "./composer/keys.ts";
import type { Inspector } from "./inspector/inspector.ts";
import { keepAboveKeyboard } from "./keep-above-keyboard.ts";
import { english } from "./labels/english.ts";
import { createIconButton } from "./messages/icon-button.ts";
import { createMessages, type MessagesOptions } from "./messages/messages.ts";
import { buildWelcome } from "./welcome.ts";

/** What a whole chat is shown with. */
export interface ChatViewOptions extends Omit<MessagesOptions, "onAsked">, ComposerOptions {
  /**
   * The title of a header, which also has a button that begins a new chat: text, or nodes of your own.
   *
   * @defaultValue no header
   */
  readonly heading?: string | Node | undefined;
  /**
   * More of the header, before the button that begins a new chat.
   *
   * @defaultValue none
   */
  readonly actions?: readonly Node[] | undefined;
  /**
   * Begins a new chat, when the button in the header is pressed.
   *
   * @defaultValue `chat.reset`
   */
  readonly onNewChat?: (() => void) | undefined;
  /**
   * What is said as long as nothing is asked, unless there is `empty`.
   *
   * @defaultValue the greeting of the labels
   */
  readonly greeting?: string | undefined;
  /**
   * Questions to begin with: each is a button that sends it, below the greeting.
   *
   * @defaultValue none
   */
  readonly prompts?: readonly string[] | undefined;
  /**
   * What stands below the composer; `""` for nothing.
   *
   * @defaultValue that of the labels: a machine answers, and can be wrong
   */
  readonly disclaimer?: string | undefined;
  /**
   * Shows what crosses the wire, below the messages.
   *
   * @defaultValue none
   */
  readonly inspector?: Inspector | undefined;
}

/** A whole chat on the page. */
export interface ChatView {
  /** Changes what may change while it is shown: the others need another view. */
  update(options: Pick<ChatViewOptions, "heading" | "placeholder">): void;
  /** Puts the cursor where messages are written. */
  focus(options?: FocusOptions): void;
  /** Takes the chat off the page; the conversation itself goes on. */
  close(): void;
}

/**
 * Shows a whole chat in `element`: a header if there is a heading, messages, a composer. Escape in it
 * stops an answer.
 */
export function createChatView(element: HTMLElement, options: ChatViewOptions): ChatView {
  const { chat, labels = english, inspector, actions = [], prompts = [] } = options;
  const { greeting = labels.greeting, disclaimer = labels.disclaimer } = options;
  const { onNewChat = () => chat.reset() } = options;
  const closing = new AbortController();
  const title = buildElement("div", { class: "gs-heading", part: "heading" });
  const { element: newChat } = createIconButton("new", labels.newChat, beginAnew);
  newChat.classList.add("gs-reset");
  newChat.setAttribute("part", "reset");
  const header = buildElement(
    "header",
    { class: "gs-header", part: "header" },
    title,
    ...actions,
    newChat,
  );
  const conversation = buildElement("div");
  const form = buildElement("div");
  const small = buildElement("p", { class: "gs-disclaimer", part: "disclaimer", dir: "auto" });
  small.textContent = disclaimer;
  const welcome = buildWelcome({
    greeting,
    prompts,
    onPrompt(prompt) {
      chat.send(prompt);
      composer.focus();
    },
  });
  const { empty = welcome } = options;
  if (empty instanceof HTMLSlotElement) empty.append(welcome);
  element.classList.add("gs-ui", "gs-chat");
  element.replaceChildren(
    header,
    conversation,
    ...(inspector ? [inspector.element] : []),
    form,
    ...(disclaimer ? [small] : []),
  );
  inspector?.setLabels(labels);
  const composer = createComposer(form, options);
  const messages = createMessages(conversation, {
    ...options,
    empty,
    onAsked: () => composer.focus(),
  });

  function beginAnew(): void {
    onNewChat();
    composer.focus();
  }

  function update(changes: Pick<ChatViewOptions, "heading" | "placeholder">): void {
    const { heading } = changes;
    title.replaceChildren(
      typeof heading === "string" ? buildElement("h2", {}, heading) : (heading ?? ""),
    );
    header.hidden = heading === undefined && actions.length === 0;
    composer.update(changes);
  }

  function show(): void {
    const snapshot = chat.getSnapshot();
    newChat.hidden = snapshot.messages.every(({ role }) => role === "system");
    if (snapshot.status === "idle") inspector?.clear();
  }

  element.addEventListener(
    "keydown",
    (event) => {
      if (isEscapeKey(event)) chat.stop();
    },
    { signal: closing.signal },
  );
  keepAboveKeyboard(element, closing.signal);
  const unsubscribe = chat.subscribe(show);
  update(options);
  show();
  return {
    update,
    focus: composer.focus,
    close() {
      closing.abort();
      unsubscribe();
      messages.close();
      composer.close();
      element.replaceChildren();
    },
  };
}
