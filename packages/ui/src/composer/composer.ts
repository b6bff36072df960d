import type { Chat } from "@gatestream/client/chat";
import { buildButton, buildElement } from "../build-element.ts";
import { english } from "../labels/english.ts";
import type { Labels } from "../labels/labels.ts";
import { growWithText } from "./grow-with-text.ts";
import { isSendingKey, isTouchOnly } from "./keys.ts";
import { boundMessage, relayMaxCharacters } from "./message-length.ts";

/** What messages are written with. */
export interface ComposerOptions {
  readonly chat: Chat;
  /** @defaultValue English */
  readonly labels?: Labels | undefined;
  /** @defaultValue the placeholder of the labels */
  readonly placeholder?: string | undefined;
  /**
   * The longest message that is sent, in UTF-16 code units. From 80 % of it on, a count is shown.
   *
   * @defaultValue 200_000, the longest that the relay takes
   */
  readonly maxMessageCharacters?: number | undefined;
}

/** Where messages are written. */
export interface Composer {
  update(options: Pick<ComposerOptions, "placeholder">): void;
  focus(options?: FocusOptions): void;
  /** Takes it off the page; the draft stays in the conversation. */
  close(): void;
}

/**
 * Makes `element` the place where messages are written. Enter sends, Shift+Enter breaks the line; on a
 * touch screen Enter breaks the line, and only the button sends. While an answer is being written, the
 * button stops it, unless there is a draft and the conversation lets questions wait (`whileRunning:
 * "queue"`): those that wait are shown. What is typed is the draft of the conversation.
 */
export function createComposer(element: HTMLElement, options: ComposerOptions): Composer {
  const { chat, labels = english, maxMessageCharacters = relayMaxCharacters } = options;
  const input = buildElement("textarea", {
    class: "gs-input",
    part: "input",
    "aria-label": labels.message,
    dir: "auto",
    rows: "1",
    enterkeyhint: isTouchOnly() ? "enter" : "send",
    autocomplete: "off",
  });
  const button = buildElement("button", { class: "gs-button", type: "submit", part: "send" });
  const form = buildElement("form", { class: "gs-composer", part: "composer" }, input, button);
  const queue = buildElement("ul", {
    class: "gs-queue",
    part: "queue",
    hidden: "",
    "aria-label": labels.waitingQuestions,
  });
  const fit = growWithText(input);
  const length = boundMessage(input, maxMessageCharacters, labels);
  let shownQueue = "[]";

  function update({
    placeholder = labels.placeholder,
  }: Pick<ComposerOptions, "placeholder">): void {
    input.placeholder = placeholder;
  }

  function send(): void {
    if (length.check()) chat.send(input.value.trim());
  }

  /** Whether the button ends an answer now. */
  function isStopping(): boolean {
    const { isRunning, canSend, draft } = chat.getSnapshot();
    return isRunning && !(canSend && draft.trim());
  }

  function submit(event: Event): void {
    event.preventDefault();
    // The next message is written in the field, also after the button was pressed by a key.
    input.focus();
    if (isStopping()) chat.stop();
    else send();
  }

  // A frame that is sandboxed without `allow-forms` submits no forms: `submit` never comes.
  form.addEventListener("submit", submit);
  button.addEventListener("click", submit);
  // A click on the button leaves the focus where it is, and a phone's keyboard as it is.
  button.addEventListener("mousedown", (event) => event.preventDefault());
  input.addEventListener("input", () => {
    length.show();
    chat.setDraft(input.value);
  });
  input.addEventListener("keydown", (event) => {
    if (!isSendingKey(event)) return;
    event.preventDefault();
    send();
  });

  function show(): void {
    const { draft, queued } = chat.getSnapshot();
    if (input.value !== draft) {
      input.value = draft;
      fit();
      length.show();
    }
    const stops = isStopping();
    const label = stops ? labels.stop : labels.send;
    if (button.textContent !== label) button.textContent = label;
    button.dataset["kind"] = stops ? "danger" : "primary";
    const json = JSON.stringify(queued);
    if (json === shownQueue) return;
    shownQueue = json;
    queue.hidden = queued.length === 0;
    queue.replaceChildren(...queued.map(buildQueued));
  }

  function buildQueued(text: string, index: number): HTMLElement {
    const remove = buildButton("×", "quiet", () => {
      chat.removeQueued(index);
      input.focus();
    });
    remove.ariaLabel = `${labels.removeQuestion}: ${text}`;
    return buildElement("li", {}, buildElement("span", { dir: "auto" }, text), remove);
  }

  element.classList.add("gs-ui");
  element.replaceChildren(queue, length.note, form, length.count);
  update(options);
  const unsubscribe = chat.subscribe(show);
  show();
  return {
    update,
    focus: (focusOptions) => input.focus(focusOptions),
    close() {
      unsubscribe();
      element.replaceChildren();
    },
  };
}
