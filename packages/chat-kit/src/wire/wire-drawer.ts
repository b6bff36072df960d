import type { StreamEvent, StreamStatus } from "@gatestream/client";
import { buildElement } from "../build-element.ts";
import { createEventList } from "./event-list.ts";
import { createPacePlot } from "./pace-plot.ts";
import { createPace } from "./pace.ts";
import { createWireFigures } from "./wire-figures.ts";

/** Where an answer begins. */
export interface WireBeginning {
  /**
   * The id of the last event that had come before, for an answer that is gone on with.
   *
   * @defaultValue 0
   */
  readonly lastEventId?: number | undefined;
}

/** Shows what crosses the wire for one answer after the other. */
export interface WireDrawer {
  /** An answer was asked for, or is gone on with: everything is forgotten, and the clock starts. */
  begin(beginning?: WireBeginning): void;
  /** An event has come. The newest 200 are shown. */
  record(event: StreamEvent): void;
  /** The stream does something else now; each loss of its connection is counted. */
  status(status: StreamStatus): void;
  /** The answer has ended: what is not shown yet is shown at once. */
  end(): void;
  /** The conversation begins anew: nothing is shown of the one before. */
  clear(): void;
}

/** How a drawer tells the time. */
export interface WireDrawerOptions {
  /** @defaultValue `performance.now` */
  readonly nowMs?: (() => number) | undefined;
}

const redrawMs = 250;
const notices: readonly string[] = ["start", "queued", "warning", "live", "gap", "reconnect"];

/**
 * Fills `element`, which should have the class `gs-drawer`, with a drawer that is closed at first.
 * It is redrawn at most four times a second; for those who prefer reduced motion the plot is only
 * drawn when the answer has ended.
 */
export function createWireDrawer(
  element: HTMLElement,
  { nowMs = () => performance.now() }: WireDrawerOptions = {},
): WireDrawer {
  const events = createEventList();
  const plot = createPacePlot();
  const figures = createWireFigures();
  let pace = createPace(nowMs());
  let now: StreamStatus = "idle";
  let id = 0;
  let reconnectCount = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const title = buildElement("span", { class: "gs-drawer-title" }, "Wire");
  const measured = buildElement("div", { class: "gs-measured" }, figures.element, plot.element);
  redraw(true);
  element.replaceChildren(
    buildElement(
      "details",
      {},
      buildElement("summary", {}, title, figures.summary),
      buildElement("div", { class: "gs-drawer-body" }, measured, events.element),
    ),
  );

  function redraw(hasEnded: boolean): void {
    clearTimeout(timer);
    timer = undefined;
    figures.show(pace, now, reconnectCount);
    events.flush();
    if (hasEnded || !prefersStillness()) plot.draw(pace.history(nowMs()));
  }

  function redrawSoon(): void {
    timer ??= setTimeout(() => redraw(false), redrawMs);
  }

  function begin({ lastEventId = 0 }: WireBeginning = {}): void {
    pace = createPace(nowMs());
    id = lastEventId;
    reconnectCount = 0;
    events.clear();
    redraw(true);
  }

  return {
    begin,
    record(event) {
      const hasId = !notices.includes(event.type);
      // Ids have no holes, so that they can be counted; what is no longer kept was counted too.
      if (hasId) id += 1;
      else if (event.type === "gap") id = event.to;
      if (event.type === "token") pace.count(nowMs());
      events.add(event, hasId ? id : undefined);
      redrawSoon();
    },
    status(status) {
      if (status === "reconnecting" && now !== status) reconnectCount += 1;
      now = status;
      redrawSoon();
    },
    end: () => redraw(true),
    clear() {
      now = "idle";
      begin();
    },
  };
}

function prefersStillness(): boolean {
  return globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false;
}
