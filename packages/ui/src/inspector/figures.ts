import type { StreamStatus } from "@gatestream/client";
import { buildElement } from "../build-element.ts";
import type { InspectorLabels } from "../labels/labels.ts";
import type { Pace } from "./pace.ts";

/** What is told of an answer in figures. */
export interface Figures {
  /** A list of terms and their figures. */
  readonly element: HTMLElement;
  /** The same in one line, for a drawer that is closed. */
  readonly summary: HTMLElement;
  setLabels(labels: InspectorLabels): void;
  show(pace: Pace, status: StreamStatus, reconnectCount: number): void;
}

export function createFigures(): Figures {
  const status = buildFigure("status");
  const firstToken = buildFigure("first-token");
  const speed = buildFigure("tokens-per-second");
  const tokens = buildFigure("tokens");
  const reconnects = buildFigure("reconnects");
  const summary = buildElement("span", { class: "gs-drawer-summary", dir: "ltr" });
  const figures = { status, firstToken, tokensPerSecond: speed, tokens, reconnects };
  const element = buildElement("dl", { class: "gs-figures" });
  let words: InspectorLabels;

  return {
    element,
    summary,
    setLabels(labels) {
      words = labels;
      element.replaceChildren(
        ...Object.entries(figures).map(([name, figure]) => {
          const term = labels[name as keyof typeof figures];
          return buildElement("div", {}, buildElement("dt", {}, term), figure);
        }),
      );
    },
    show(pace, now, reconnectCount) {
      const { firstTokenMs, tokenCount } = pace;
      const tokensPerSecond = pace.tokensPerSecond()?.toFixed(1);
      const first = firstTokenMs === undefined ? undefined : `${Math.round(firstTokenMs)} ms`;
      status.textContent = now;
      firstToken.textContent = first ?? "–";
      speed.textContent = tokensPerSecond ?? "–";
      tokens.textContent = String(tokenCount);
      reconnects.textContent = String(reconnectCount);
      const parts = [
        first && `${words.firstToken}: ${first}`,
        tokensPerSecond && `${words.tokensPerSecond}: ${tokensPerSecond}`,
      ];
      summary.textContent = parts.filter(Boolean).join(" · ") || now;
    },
  };
}

/** Figures are read from left to right, whichever way the page is. */
function buildFigure(name: string): HTMLElement {
  return buildElement("dd", { class: "gs-figure", dir: "ltr", "data-figure": name });
}
