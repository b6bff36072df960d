import type { StreamStatus } from "@gatestream/client";
import { buildElement } from "../build-element.ts";
import type { Pace } from "./pace.ts";

/** What is told of an answer in figures. */
export interface Figures {
  /** A list of terms and their figures. */
  readonly element: HTMLElement;
  /** The same in one line, for a drawer that is closed. */
  readonly summary: HTMLElement;
  show(pace: Pace, status: StreamStatus, reconnectCount: number): void;
}

export function createFigures(): Figures {
  const status = buildFigure("status");
  const firstToken = buildFigure("first-token");
  const speed = buildFigure("tokens-per-second");
  const tokens = buildFigure("tokens");
  const reconnects = buildFigure("reconnects");
  const summary = buildElement("span", { class: "gs-drawer-summary", dir: "ltr" });
  const terms = [
    ["Status", status],
    ["First token", firstToken],
    ["Tokens a second", speed],
    ["Tokens", tokens],
    ["Reconnects", reconnects],
  ] as const;

  return {
    element: buildElement(
      "dl",
      { class: "gs-figures" },
      ...terms.map(([term, figure]) =>
        buildElement("div", {}, buildElement("dt", {}, term), figure),
      ),
    ),
    summary,
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
        first && `first token ${first}`,
        tokensPerSecond && `${tokensPerSecond} tokens/s`,
      ];
      summary.textContent = parts.filter(Boolean).join(" · ") || now;
    },
  };
}

/** Figures are read from left to right, whichever way the page is. */
function buildFigure(name: string): HTMLElement {
  return buildElement("dd", { class: "gs-figure", dir: "ltr", "data-figure": name });
}
