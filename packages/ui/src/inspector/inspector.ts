import type { StreamEvent, StreamStatus } from "@gatestream/client";
import { buildElement } from "../build-element.ts";
import type { Labels } from "../labels/labels.ts";
import { english } from "./english.ts";
import { createEventList } from "./event-list.ts";
import { createPacePlot } from "./pace-plot.ts";
import { createPace } from "./pace.ts";
import { createFigures } from "./figures.ts";

/** Where an answer begins. */
export interface InspectorBeginning {
  /**
   * The id of the last event that had come before, for an answer that is gone on with.
   *
   * @defaultValue 0
   */
  readonly lastEventId?: number | undefined;
}

/** Shows what crosses the wire for one answer after the other. */
export interface Inspector {
  /** What is put on the page. */
  readonly element: HTMLElement;
  /** An answer was asked for, or is gone on with: everything is forgotten, and the clock starts. */
  begin(beginning?: InspectorBeginning): void;
  /** An event has come. The newest 200 are shown. */
  record(event: StreamEvent): void;
  /** The stream does something else now; each loss of its connection is counted. */
  status(status: StreamStatus): void;
  /** The answer has ended: what is not shown yet is shown at once. */
  end(): void;
  /** The conversation begins anew: nothing is shown of the one before. */
  clear(): void;
  /** Changes its words; a chat view that shows it gives it its own. */
  setLabels(labels: Pick<Labels, "inspector">): void;
}

export interface InspectorOptions {
  /** @defaultValue `performance.now` */
  readonly nowMs?: (() => number) | undefined;
}

const redrawMs = 250;
const notices: readonly string[] = ["start", "queued", "warning", "live", "gap", "reconnect"];

/**
 * Makes an inspector, which is closed at first. It is redrawn at most four times a second; for those
 * who prefer reduced motion the plot is only drawn when the answer has ended.
 */
export function createInspector({
  nowMs = () => performance.now(),
}: InspectorOptions = {}): Inspector {
  const events = createEventList();
  const plot = createPacePlot();
  const figures = createFigures();
  let pace = createPace(nowMs());
  let now: StreamStatus = "idle";
  let id = 0;
  let reconnectCount = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const title = buildElement("span", { class: "gs-drawer-title" });
  const measured = buildElement("div", { class: "gs-measured" }, figures.element, plot.element);
  const body = buildElement("div", { class: "gs-drawer-body" }, measured, events.element);
  const summary = buildElement("summary", {}, title, figures.summary);
  const element = buildElement(
    "section",
    { class: "gs-ui gs-drawer", part: "drawer" },
    buildElement("details", {}, summary, body),
  );
  setLabels({ inspector: english });

  function setLabels({ inspector: words }: Pick<Labels, "inspector">): void {
    title.textContent = element.ariaLabel = words.wire;
    events.element.ariaLabel = words.events;
    figures.setLabels(words);
    redraw(true);
  }

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

  function begin({ lastEventId = 0 }: InspectorBeginning = {}): void {
    pace = createPace(nowMs());
    id = lastEventId;
    reconnectCount = 0;
    events.clear();
    redraw(true);
  }

  return {
    element,
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
    setLabels,
    clear() {
      now = "idle";
      begin();
    },
  };
}

function prefersStillness(): boolean {
  return globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false;
}
