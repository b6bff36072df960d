import type { StreamEvent } from "@gatestream/client";
import { buildElement } from "../build-element.ts";

const maxRows = 200;

/** The newest events, the newest last. */
export interface EventList {
  /** Has no name yet. */
  readonly element: HTMLElement;
  clear(): void;
  /** `id` as on the wire; notices have none. */
  add(event: StreamEvent, id: number | undefined): void;
  /** Puts what was added on the page. */
  flush(): void;
}

export function createEventList(): EventList {
  const element = buildElement("ol", {
    class: "gs-events",
    tabindex: "0",
    // What crosses the wire is code, whichever way the page is read.
    dir: "ltr",
  });
  let waiting: HTMLElement[] = [];

  return {
    element,
    clear() {
      waiting = [];
      element.replaceChildren();
    },
    add(event, id) {
      waiting.push(buildRow(event, id));
      if (waiting.length > maxRows) waiting.shift();
    },
    flush() {
      if (waiting.length === 0) return;
      const { scrollHeight, scrollTop, clientHeight } = element;
      const isAtEnd = scrollHeight - scrollTop - clientHeight < 24;
      element.append(...waiting);
      waiting = [];
      while (element.childElementCount > maxRows) element.firstElementChild?.remove();
      if (isAtEnd) element.scrollTop = element.scrollHeight;
    },
  };
}

function buildRow(event: StreamEvent, id: number | undefined): HTMLElement {
  return buildElement(
    "li",
    { "data-type": event.type },
    buildElement("span", { class: "gs-event-id" }, id === undefined ? "" : String(id)),
    buildElement("span", { class: "gs-event-type" }, event.type),
    buildElement("code", { class: "gs-event-data" }, describeEvent(event)),
  );
}

const maxCharacters = 200;

/** What an event carries besides its type, on one line. */
function describeEvent(event: StreamEvent): string {
  if (event.type === "token") return JSON.stringify(event.content).slice(0, maxCharacters);
  const { type: _, ...fields } = event;
  const parts = Object.entries(fields).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return parts.join(", ").slice(0, maxCharacters);
}
