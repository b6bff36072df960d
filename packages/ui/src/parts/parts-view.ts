import type { AnswerPart, ReasoningPart, SourceEvent, ToolCallPart } from "@gatestream/client";
import type { ChatMessage } from "@gatestream/client/chat";
import { buildElement } from "../build-element.ts";
import type { Labels } from "../labels/labels.ts";
import { createFileBuilder } from "./files-view.ts";
import type { PartView } from "./part-view.ts";
import { createReasoningView } from "./reasoning-view.ts";
import { buildSources } from "./sources-view.ts";
import { createToolCallView } from "./tool-call-view.ts";

export interface PartsOptions {
  readonly labels: Labels;
  readonly renderToolCall?:
    | ((call: ToolCallPart, message: ChatMessage) => Node | undefined)
    | undefined;
  readonly imageOrigins?: readonly string[] | undefined;
}

/** What an answer is made of besides its text. */
export interface PartsView {
  /** Reasoning and calls of tools, in the order in which they came: above the text. */
  readonly steps: HTMLElement;
  /** Sources and files: below it. */
  readonly extras: HTMLElement;
  /** @param isRunning Whether the answer is being written, or its tools are called. */
  update(message: ChatMessage, isRunning: boolean): void;
  close(): void;
}

type StepPart = ReasoningPart | ToolCallPart;
interface Step {
  readonly type: StepPart["type"];
  readonly view: PartView<StepPart>;
}

export function createPartsView(options: PartsOptions): PartsView {
  const { labels, renderToolCall, imageOrigins = [] } = options;
  const steps = buildElement("div", { class: "gs-steps", part: "steps" });
  const extras = buildElement("div", { class: "gs-extras" });
  const buildFile = createFileBuilder(imageOrigins);
  let shown: ChatMessage | undefined;
  let parts: readonly AnswerPart[] = [];
  let lastState = "";
  let views: readonly Step[] = [];
  steps.hidden = extras.hidden = true;

  function createStep(type: StepPart["type"]): Step {
    const view =
      type === "reasoning"
        ? createReasoningView(labels)
        : createToolCallView(labels, (call) => shown && renderToolCall?.(call, shown));
    // Only a part of this type is given to it.
    return { type, view: view as PartView<StepPart> };
  }

  function showSteps(message: ChatMessage, isRunning: boolean, isSeenFromStart: boolean): void {
    const isWritten = isRunning && message.status === "streaming";
    const isCalling = isRunning && !isWritten;
    const wanted = parts.filter(isStep);
    views = wanted.map((part, index) => {
      const before = views[index];
      const step = before?.type === part.type ? before : createStep(part.type);
      // Calls may be written side by side; what was thought has ended when something else begins.
      const isLive = isWritten && (part.type === "tool_call" || part === parts.at(-1));
      step.view.update(part, { isLive, isCalling, isSeenFromStart });
      return step;
    });
    const elements = views.map(({ view }) => view.element);
    // What stays is not touched: it would be folded, or lose the focus.
    if (elements.some((element, index) => steps.children[index] !== element)) {
      steps.replaceChildren(...elements);
    }
    for (const left of [...steps.children].slice(elements.length)) left.remove();
    steps.hidden = elements.length === 0;
  }

  function showExtras(): void {
    const sources = sourcesOf(parts);
    const files = parts.filter((part) => part.type === "file");
    extras.hidden = sources.length + files.length === 0;
    extras.replaceChildren(
      ...(files.length > 0
        ? [buildElement("div", { class: "gs-files" }, ...files.map(buildFile))]
        : []),
      ...(sources.length > 0 ? [buildSources(sources, labels)] : []),
    );
  }

  return {
    steps,
    extras,
    update(message, isRunning) {
      const { parts: next = [] } = message;
      const state = `${message.status} ${isRunning}`;
      if (next === parts && state === lastState) return;
      const before = parts;
      const isSeenFromStart = shown !== undefined;
      shown = message;
      parts = next;
      lastState = state;
      showSteps(message, isRunning, isSeenFromStart);
      const isExtra = ({ type }: AnswerPart): boolean => type === "source" || type === "file";
      // A part that has not changed is the same object.
      const [old, now] = [before.filter(isExtra), parts.filter(isExtra)];
      if (now.length !== old.length || now.some((part, index) => part !== old[index])) showExtras();
    },
    close() {
      for (const { view } of views) view.close();
    },
  };
}

function isStep(part: AnswerPart): part is StepPart {
  return part.type === "reasoning" || part.type === "tool_call";
}

/** Each source once. */
export function sourcesOf(parts: readonly AnswerPart[] = []): readonly SourceEvent[] {
  const sources = parts.filter((part) => part.type === "source");
  return sources.filter(
    ({ sourceId }, index) => sources.findIndex((other) => other.sourceId === sourceId) === index,
  );
}
