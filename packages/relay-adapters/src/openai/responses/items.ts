import type { SourceEvent } from "@gatestream/protocol";

// Items of `output`, and what happens to them (OpenAI API reference, "Responses", "Streaming events").

/** An event of the API; its number is given where it is sent. */
export interface ResponseEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

export type ItemStatus = "in_progress" | "completed" | "incomplete";

export interface TextPart {
  readonly type: "output_text" | "reasoning_text";
  text: string;
  readonly annotations?: object[];
}

/** The message or the thoughts that are open: text goes into the only part. */
export interface TextItem {
  readonly id: string;
  readonly type: "message" | "reasoning";
  status: ItemStatus;
  readonly content: TextPart[];
  readonly [field: string]: unknown;
}

export interface CallItem {
  readonly id: string;
  readonly type: "function_call";
  status: ItemStatus;
  readonly call_id: string;
  readonly name: string;
  arguments: string;
}

export interface ImageItem {
  readonly id: string;
  readonly type: "image_generation_call";
  readonly status: "completed";
  /** In base64. */
  readonly result: string;
}

export type Item = TextItem | CallItem | ImageItem;

export function textItem(type: TextItem["type"], id: string): TextItem {
  const own = type === "message" ? { role: "assistant" } : { summary: [] };
  return { id, type, status: "in_progress", ...own, content: [] };
}

export function textPart(type: TextItem["type"]): TextPart {
  if (type === "reasoning") return { type: "reasoning_text", text: "" };
  return { type: "output_text", text: "", annotations: [] };
}

/**
 * A citation of an address, or of a document.
 *
 * @param offset Where the message begins in the text of the answer.
 */
export function annotationOf(source: SourceEvent, offset: number): object {
  const { sourceId, url, title, documentId = sourceId, from = offset, to = from } = source;
  const start = Math.max(0, from - offset);
  if (url === undefined) {
    return { type: "file_citation", file_id: documentId, filename: title ?? "", index: start };
  }
  const end = Math.max(start, to - offset);
  return {
    type: "url_citation",
    url,
    title: title ?? sourceId,
    start_index: start,
    end_index: end,
  };
}
