import type { ToolCallPart } from "@gatestream/client";
import { buildElement } from "../build-element.ts";
import type { Labels } from "../labels/labels.ts";
import type { PartState, PartView } from "./part-view.ts";

/**
 * A call of a tool as one row: its name and state, with its arguments and its result folded.
 *
 * @param render What the page shows in its place; undefined for the row.
 */
export function createToolCallView(
  labels: Labels,
  render: (call: ToolCallPart) => Node | undefined,
): PartView<ToolCallPart> {
  const name = buildElement("span", { class: "gs-step-name" });
  const words = buildElement("span", { class: "gs-step-state" });
  const request = buildData();
  const result = buildData();
  const details = buildElement(
    "details",
    {},
    buildElement("summary", {}, name, words),
    request,
    result,
  );
  const element = buildElement("div", { class: "gs-step gs-tool-call", part: "tool-call" });
  let shown: ToolCallPart | undefined;

  return {
    element,
    update(call, state) {
      const isOpen = call.isComplete ? state.isCalling && call.result === undefined : state.isLive;
      element.toggleAttribute("data-live", isOpen);
      words.textContent = stateWords(call, state, labels);
      if (call === shown) return;
      shown = call;
      const own = render(call);
      if (own) return element.replaceChildren(own);
      name.textContent = call.name;
      showData(request, call.arguments);
      showData(result, call.result);
      if (element.firstChild !== details) element.replaceChildren(details);
    },
    close() {},
  };
}

function stateWords(
  { isComplete, result }: ToolCallPart,
  state: PartState,
  labels: Labels,
): string {
  if (!isComplete) return state.isLive ? labels.toolPreparing : labels.toolUnfinished;
  if (result !== undefined) return labels.toolDone;
  return state.isCalling ? labels.toolRunning : labels.toolCalled;
}

function buildData(): HTMLElement {
  return buildElement("pre", { class: "gs-step-data", dir: "ltr", tabindex: "0" });
}

/** JSON on lines of its own; as it came where it is not whole. */
function showData(element: HTMLElement, text = ""): void {
  element.hidden = text === "";
  try {
    element.textContent = JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    element.textContent = text;
  }
}
