import { buildElement } from "../build-element.ts";
import type { Labels } from "../labels/labels.ts";

/** How long the message in a field is, shown when it nears what is accepted. */
export interface MessageLength {
  /** Below the field: the count. */
  readonly count: HTMLElement;
  /** Above the field: what was refused, and why. */
  readonly note: HTMLElement;
  /** The text has changed. */
  show(): void;
  /** Whether the message may be sent; says why where it may not. */
  check(): boolean;
}

/** The longest message that the relay takes, in UTF-16 code units. */
export const relayMaxCharacters = 200_000;
/** From here on, the count is shown. */
const shownFrom = 0.8;

/**
 * Bounds the message that is written in `field` to `max` UTF-16 code units. A text that is pasted or
 * dropped and does not fit is refused, since the layout of megabytes would freeze the page; one that is
 * typed stays, and is not sent.
 */
export function boundMessage(
  field: HTMLTextAreaElement,
  max: number,
  labels: Labels,
): MessageLength {
  const count = buildElement("p", { class: "gs-count", part: "count", hidden: "" });
  const note = buildElement("p", {
    class: "gs-composer-note",
    part: "composer-note",
    role: "status",
    dir: "auto",
  });
  let isNear = false;
  const length = (): number => field.value.trim().length;

  /** The count at the moment when it appears is for screen readers alone: all see it below. */
  function say(words: string, isSpokenOnly = false): void {
    note.classList.toggle("gs-visually-hidden", isSpokenOnly);
    note.textContent = words;
  }

  field.addEventListener("beforeinput", (event) => {
    const text = event.data ?? event.dataTransfer?.getData("text/plain") ?? "";
    const { value, selectionStart, selectionEnd } = field;
    // What is typed comes a few characters at a time: it is counted, and stays.
    if (!/^insertFrom(?:Paste|Drop)/.test(event.inputType)) return;
    if (value.length - (selectionEnd - selectionStart) + text.length <= max) return;
    event.preventDefault();
    say(labels.textTooLong(text.length, max));
  });

  return {
    count,
    note,
    show() {
      const wasNear = isNear;
      const now = length();
      isNear = now >= shownFrom * max;
      count.hidden = !isNear;
      count.textContent = isNear ? labels.characters(now, max) : "";
      count.toggleAttribute("data-over", now > max);
      if (isNear && !wasNear) say(count.textContent, true);
      else if (now <= max) say("");
    },
    check() {
      const excess = length() - max;
      if (excess > 0) say(labels.messageTooLong(excess));
      return excess <= 0;
    },
  };
}
