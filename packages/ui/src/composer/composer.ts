import type { Chat } from "@gatestream/client/chat";
import { buildElement } from "../build-element.ts";
import { english } from "../labels/english.ts";
import type { Labels } from "../labels/labels.ts";
import { growWithText } from "./grow-with-text.ts";
import { isSendingKey } from "./keys.ts";

/** What messages are written with. */
export interface ComposerOptions {
  readonly chat: Chat;
  /** @defaultValue English */
  readonly labels?: Labels | undefined;
  /** @defaultValue the placeholder of the labels */
  readonly placeholder?: string | undefined;
}

/** Where messages are written. */
export interface Composer {
  update(options: Pick<ComposerOptions, "placeholder">): void;
  focus(options?: FocusOptions): void;
  /** Takes it off the page; the draft stays in the conversation. */
  close(): void;
}

/**
 * Makes `element` the place where messages are written. Enter sends, Shift+Enter breaks the line; while
 * an answer is being written, the button stops it. What is typed is the draft of the conversation.
 */
export function createComposer(element: HTMLElement, options: ComposerOptions): Composer {
  const { chat, labels = english } = options;
  const input = buildElement("textarea", {
    class: "gs-input",
    part: "input",
    "aria-label": labels.message,
    dir: "auto",
    rows: "1",
    enterkeyhint: "send",
    autocomplete: "off",
  });
  const button = buildElement("button", { class: "gs-button", type: "submit", part: "send" });
  const form = buildElement("form", { class: "gs-composer", part: "composer" }, input, button);
  const fit = growWithText(input);

  function update({
    placeholder = labels.placeholder,
  }: Pick<ComposerOptions, "placeholder">): void {
    input.placeholder = placeholder;
  }

  function submit(event: Event): void {
    event.preventDefault();
    // The next message is written in the field, also after the button was pressed by a key.
    input.focus();
    if (chat.getSnapshot().isRunning) chat.stop();
    else chat.send(input.value.trim());
  }

  // A frame that is sandboxed without `allow-forms` submits no forms: `submit` never comes.
  form.addEventListener("submit", submit);
  button.addEventListener("click", submit);
  // A click on the button leaves the focus where it is, and a phone's keyboard as it is.
  button.addEventListener("mousedown", (event) => event.preventDefault());
  input.addEventListener("input", () => chat.setDraft(input.value));
  input.addEventListener("keydown", (event) => {
    if (!isSendingKey(event)) return;
    event.preventDefault();
    if (!chat.getSnapshot().isRunning) chat.send(input.value.trim());
  });

  function show(): void {
    const { draft, isRunning } = chat.getSnapshot();
    if (input.value !== draft) {
      input.value = draft;
      fit();
    }
    const label = isRunning ? labels.stop : labels.send;
    if (button.textContent !== label) button.textContent = label;
    button.dataset["kind"] = isRunning ? "danger" : "primary";
  }

  element.classList.add("gs-ui");
  element.replaceChildren(form);
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
