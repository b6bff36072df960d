import { buildButton, buildElement } from "../build-element.ts";
import { growWithText } from "../composer/grow-with-text.ts";
import { isEscapeKey, isSendingKey } from "../composer/keys.ts";
import { boundMessage } from "../composer/message-length.ts";
import type { Labels } from "../labels/labels.ts";

export interface MessageEditorOptions {
  readonly labels: Labels;
  readonly text: string;
  readonly maxMessageCharacters: number;
  readonly onSend: (text: string) => void;
  readonly onCancel: () => void;
}

/** A question that is put in other words. Enter sends, Shift+Enter breaks the line, Escape leaves. */
export function createMessageEditor(options: MessageEditorOptions): HTMLElement {
  const { labels, text, maxMessageCharacters, onSend, onCancel } = options;
  const input = buildElement("textarea", {
    class: "gs-input",
    "aria-label": labels.editMessage,
    dir: "auto",
    rows: "1",
  });
  input.value = text;
  const send = buildElement(
    "button",
    { class: "gs-button", type: "submit", "data-kind": "primary" },
    labels.sendAgain,
  );
  const actions = buildElement("div", { class: "gs-editor-actions" });
  actions.append(buildButton(labels.cancel, "quiet", onCancel), send);
  const length = boundMessage(input, maxMessageCharacters, labels);
  const form = buildElement(
    "form",
    { class: "gs-editor" },
    length.note,
    input,
    length.count,
    actions,
  );

  function submit(event: Event): void {
    event.preventDefault();
    if (input.value.trim() !== "" && length.check()) onSend(input.value);
  }

  // A frame that is sandboxed without `allow-forms` submits no forms: `submit` never comes.
  form.addEventListener("submit", submit);
  send.addEventListener("click", submit);
  input.addEventListener("input", length.show);
  input.addEventListener("keydown", (event) => {
    if (isSendingKey(event)) submit(event);
    else if (isEscapeKey(event)) {
      // Further up, it would stop an answer.
      event.stopPropagation();
      onCancel();
    }
  });
  requestAnimationFrame(growWithText(input));
  return form;
}
