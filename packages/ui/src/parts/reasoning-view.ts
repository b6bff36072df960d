import type { ReasoningPart } from "@gatestream/client";
import { buildElement } from "../build-element.ts";
import type { Labels } from "../labels/labels.ts";
import { createMarkdownView } from "../markdown/markdown-view.ts";
import type { PartState, PartView } from "./part-view.ts";

/** Folded reasoning: shows that it is running, then its duration. */
export function createReasoningView(labels: Labels): PartView<ReasoningPart> {
  let shown: ReasoningPart | undefined;
  let isLive = false;
  let beganAtMs: number | undefined;
  const title = buildElement("span", { class: "gs-step-name" });
  const text = buildElement("div", { class: "gs-markdown", dir: "auto" });
  const markdown = createMarkdownView(text, { labels });
  const element = buildElement(
    "details",
    { class: "gs-step gs-reasoning", part: "reasoning" },
    buildElement("summary", {}, title),
    text,
  );

  /** What is folded is not rendered for each piece of it. */
  function showText(): void {
    if (element.open) markdown.update(shown?.text ?? "", { isWhole: !isLive });
  }

  function showTitle({ isSeenFromStart }: PartState, nowMs: number): void {
    if (isLive) {
      if (isSeenFromStart) beganAtMs ??= nowMs;
      title.textContent = labels.reasoningNow;
    } else {
      const seconds = beganAtMs === undefined ? 0 : Math.round((nowMs - beganAtMs) / 1000);
      title.textContent =
        beganAtMs === undefined ? labels.reasoning : labels.reasoningTime(Math.max(1, seconds));
    }
    element.toggleAttribute("data-live", isLive);
  }

  element.addEventListener("toggle", showText);
  return {
    element,
    update(part, state) {
      const isFirst = shown === undefined;
      const wasLive = isLive;
      shown = part;
      isLive = state.isLive;
      if (isFirst || isLive !== wasLive) showTitle(state, performance.now());
      showText();
    },
    close: markdown.close,
  };
}
