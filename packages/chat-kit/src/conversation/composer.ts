import { growWithText } from "./grow-with-text.ts";
import { isSendingKey } from "./sending-key.ts";

export interface ComposerOptions {
  /** Gives false when the message is not taken: it stays where it is. */
  readonly onSend: (text: string) => boolean;
  readonly onStop: () => void;
  readonly signal: AbortSignal;
}

/** Where messages are written. */
export interface Composer {
  /** While an answer is on its way, the button stops it. */
  setAnswering(isAnswering: boolean): void;
  focus(): void;
}

/** Makes a form of a `gs-input` and a button that submits into a composer. */
export function createComposer(form: HTMLFormElement, options: ComposerOptions): Composer {
  const { onSend, onStop, signal } = options;
  const input = form.querySelector("textarea");
  const button = form.querySelector<HTMLButtonElement>("button[type=submit]");
  if (!input || !button) throw new Error("A composer needs a textarea and a submit button.");
  const field = input;
  const fit = growWithText(field, signal);
  let isAnswering = false;

  function send(): void {
    if (field.value.trim() === "" || !onSend(field.value.trim())) return;
    field.value = "";
    fit();
  }

  function submit(event: Event): void {
    event.preventDefault();
    // Who pressed the button with the keyboard wants to write next.
    field.focus();
    if (isAnswering) onStop();
    else send();
  }

  // A frame that is sandboxed without `allow-forms` submits no forms: `submit` never comes.
  form.addEventListener("submit", submit, { signal });
  button.addEventListener("click", submit, { signal });
  // A click on the button leaves the focus where it is, and a phone's keyboard as it is.
  button.addEventListener("mousedown", (event) => event.preventDefault(), { signal });
  field.addEventListener(
    "keydown",
    (event) => {
      if (!isSendingKey(event)) return;
      event.preventDefault();
      if (!isAnswering) send();
    },
    { signal },
  );

  return {
    setAnswering(answering) {
      isAnswering = answering;
      const label = answering ? "Stop" : "Send";
      if (button.textContent !== label) button.textContent = label;
      button.dataset["kind"] = answering ? "danger" : "primary";
    },
    focus: () => field.focus(),
  };
}
