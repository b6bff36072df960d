import type { FileEvent, SourceEvent, StreamEvent, ToolCallEvent } from "@gatestream/protocol";
import {
  annotationOf,
  type CallItem,
  type Item,
  type ItemStatus,
  type ResponseEvent,
  type TextItem,
  textItem,
  type TextPart,
  textPart,
} from "./items.ts";

/** What an answer has put out so far, as items, and what each event of the relay does to them. */
export class ResponseOutput {
  readonly items: Item[] = [];
  readonly #id: string;
  /** The item that text goes into: another kind of content closes it. */
  #open: { readonly item: TextItem; readonly part: TextPart; readonly index: number } | undefined;
  readonly #calls = new Map<string, { readonly item: CallItem; readonly index: number }>();
  /** The text of the messages that are closed. */
  #closedChars = 0;

  /** @param id What the ids of items are made of. */
  constructor(id: string) {
    this.#id = id;
  }

  accept(event: StreamEvent): readonly ResponseEvent[] {
    switch (event.type) {
      case "token":
        return this.#addText("message", String(event.content));
      case "reasoning":
        return this.#addText("reasoning", String(event.content));
      case "tool_call":
        return this.#addCall(event as ToolCallEvent);
      case "source":
        return this.#addSource(event as SourceEvent);
      case "file":
        return this.#addFile(event as FileEvent);
      default:
        // Strict clients take no events but the API's own.
        return [];
    }
  }

  /** What is open ends: whole, or because the answer did. */
  close(status: ItemStatus): readonly ResponseEvent[] {
    const calls = [...this.#calls.values()].filter(({ item }) => item.status === "in_progress");
    return [
      ...this.#closeText(status),
      ...calls.flatMap(({ item, index }) => closeCall(item, index, status)),
    ];
  }

  #addText(type: TextItem["type"], delta: string): readonly ResponseEvent[] {
    const begun: ResponseEvent[] = [];
    const { item, part, index } = this.#textIn(type, begun);
    part.text += delta;
    const at = { item_id: item.id, output_index: index, content_index: 0 };
    if (type === "reasoning")
      return [...begun, { type: "response.reasoning_text.delta", ...at, delta }];
    return [...begun, { type: "response.output_text.delta", ...at, delta, logprobs: [] }];
  }

  /** The open item of a type. Where it has to be opened, `begun` gets the events of that. */
  #textIn(type: TextItem["type"], begun: ResponseEvent[]) {
    if (this.#open?.item.type === type) return this.#open;
    begun.push(...this.#closeText("completed"));
    const index = this.items.length;
    const item = textItem(type, this.#itemId(type === "message" ? "msg" : "rs"));
    const part = textPart(type);
    const at = { item_id: item.id, output_index: index, content_index: 0 };
    begun.push(
      { type: "response.output_item.added", output_index: index, item: { ...item, content: [] } },
      { type: "response.content_part.added", ...at, part: textPart(type) },
    );
    item.content.push(part);
    this.items.push(item);
    this.#open = { item, part, index };
    return this.#open;
  }

  #closeText(status: ItemStatus): readonly ResponseEvent[] {
    if (this.#open === undefined) return [];
    const { item, part, index } = this.#open;
    this.#open = undefined;
    item.status = status;
    const { text } = part;
    const at = { item_id: item.id, output_index: index, content_index: 0 };
    const isMessage = item.type === "message";
    if (isMessage) this.#closedChars += text.length;
    return [
      isMessage
        ? { type: "response.output_text.done", ...at, text, logprobs: [] }
        : { type: "response.reasoning_text.done", ...at, text },
      { type: "response.content_part.done", ...at, part },
      { type: "response.output_item.done", output_index: index, item },
    ];
  }

  #addCall(event: ToolCallEvent): readonly ResponseEvent[] {
    const { callId, name, argumentsDelta, arguments: whole, isComplete } = event;
    const events: ResponseEvent[] = [];
    let call = this.#calls.get(callId);
    if (call === undefined) {
      events.push(...this.#closeText("completed"));
      const item: CallItem = {
        id: this.#itemId("fc"),
        type: "function_call",
        status: "in_progress",
        call_id: callId,
        name,
        arguments: "",
      };
      call = { item, index: this.items.length };
      this.items.push(item);
      this.#calls.set(callId, call);
      events.push({
        type: "response.output_item.added",
        output_index: call.index,
        item: { ...item },
      });
    }
    const { item, index } = call;
    if (item.status === "completed") return events;
    // Of arguments that come whole after pieces the client has the beginning.
    const delta = argumentsDelta ?? whole?.slice(item.arguments.length) ?? "";
    if (delta !== "") {
      item.arguments += delta;
      const at = { item_id: item.id, output_index: index };
      events.push({ type: "response.function_call_arguments.delta", ...at, delta });
    }
    if (isComplete === true) events.push(...closeCall(item, index, "completed"));
    return events;
  }

  #addSource(source: SourceEvent): readonly ResponseEvent[] {
    const events: ResponseEvent[] = [];
    const { item, part, index } = this.#textIn("message", events);
    const { annotations = [] } = part;
    const annotation = annotationOf(source, this.#closedChars);
    const at = { item_id: item.id, output_index: index, content_index: 0 };
    const annotation_index = annotations.push(annotation) - 1;
    const type = "response.output_text.annotation.added";
    return [...events, { type, ...at, annotation_index, annotation }];
  }

  #addFile({ mediaType, data }: FileEvent): readonly ResponseEvent[] {
    // The API has nothing for a file at an address, or of another kind.
    if (data === undefined || !mediaType.startsWith("image/")) return [];
    const closed = this.#closeText("completed");
    const output_index = this.items.length;
    const item = { id: this.#itemId("ig"), type: "image_generation_call", result: data } as const;
    const added = { ...item, status: "in_progress", result: null };
    const done = { ...item, status: "completed" } as const;
    this.items.push(done);
    return [
      ...closed,
      { type: "response.output_item.added", output_index, item: added },
      { type: "response.output_item.done", output_index, item: done },
    ];
  }

  #itemId(kind: string): string {
    return `${kind}_${this.#id}_${this.items.length}`;
  }
}

function closeCall(item: CallItem, output_index: number, status: ItemStatus) {
  item.status = status;
  const { id: item_id, name, arguments: text } = item;
  const at = { item_id, output_index };
  return [
    { type: "response.function_call_arguments.done", ...at, name, arguments: text },
    { type: "response.output_item.done", output_index, item },
  ];
}
