import type { StreamError } from "@gatestream/client";
import { buildElement } from "../build-element.ts";
import type { Labels } from "../labels/labels.ts";

/** Why an answer has failed. */
export interface ProblemView {
  readonly element: HTMLElement;
  /** Shows an error, and counts down how long to wait; nothing for undefined. */
  update(error: StreamError | undefined): void;
  close(): void;
}

/** @param onWait Called with true when a wait begins, and with false when it is over. */
export function createProblemView(
  labels: Labels,
  onWait: (isWaiting: boolean) => void,
): ProblemView {
  const explanation = new Text();
  // Its role is not spoken when it changes, as what else changes in an alert is.
  const advice = buildElement("span", { role: "timer" });
  const words = buildElement(
    "p",
    { class: "gs-problem-words", role: "alert" },
    explanation,
    advice,
  );
  const reference = buildElement("p", { class: "gs-problem-reference" });
  const details = buildElement(
    "details",
    {},
    buildElement("summary", {}, labels.details),
    reference,
  );
  const element = buildElement("div", { class: "gs-problem", part: "problem" }, words, details);
  element.hidden = true;
  let shown: StreamError | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function countDown(untilMs: number): void {
    const leftMs = untilMs - performance.now();
    const isWaiting = leftMs > 0;
    if (isWaiting) {
      advice.textContent = labels.pleaseWait(Math.ceil(leftMs / 1000));
      timer = setTimeout(countDown, Math.min(leftMs, 1000), untilMs);
    } else advice.textContent = shown?.retryable ? labels.tryAgain : "";
    onWait(isWaiting);
  }

  return {
    element,
    update(error) {
      if (error === shown) return;
      shown = error;
      clearTimeout(timer);
      element.hidden = error === undefined;
      if (error === undefined) return onWait(false);
      const { code, message, requestId, retryAfterMs = 0 } = error;
      // A newer relay may know a code that this page does not.
      explanation.data = `${labels.errors[code] ?? message} `;
      reference.textContent =
        requestId === undefined ? code : labels.requestReference(code, requestId);
      countDown(performance.now() + retryAfterMs);
    },
    close: () => clearTimeout(timer),
  };
}
