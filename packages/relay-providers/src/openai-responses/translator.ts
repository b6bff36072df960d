import type { StopEvent, WrittenEvent } from "@gatestream/protocol";
import {
  createSkip,
  parseObject,
  RelayError,
  reportedError,
  type Translator,
} from "@gatestream/relay/parts";
import { citedIn, type Fields, objectIn, textIn } from "../answer/fields.ts";
import { Sources } from "../answer/sources.ts";
import { ToolCalls } from "../answer/tool-calls.ts";

/** Why an answer is incomplete, in the protocol's words. */
const reasons: ReadonlyMap<string, string> = new Map([["max_output_tokens", "length"]]);

/** Events of a response (OpenAI API reference, "Responses", "Streaming events"). */
export function createResponsesTranslator(): Translator {
  return new ResponsesTranslator();
}

class ResponsesTranslator implements Translator {
  readonly #skip = createSkip();
  readonly #calls = new ToolCalls();
  readonly #sources = new Sources();
  #nextIndex = 0;
  /** Of the text so far, and before the part of it that is being written. */
  #chars = 0;
  #charsBefore = 0;
  #hasCalls = false;
  handle: string | undefined;

  translate(payload: string, batch: WrittenEvent[]): boolean {
    if (payload.trim() === "") return false;
    const event = parseObject(payload);
    if (event === undefined) {
      this.#skip(batch);
      return false;
    }
    // An event that is named error is one, whatever its data.
    if ((event["error"] ?? null) !== null) throw reportedError(event);
    const response = objectIn(event, "response");
    switch (event["type"]) {
      case "response.created":
        this.handle = textIn(response, "id") || undefined;
        break;
      case "response.output_text.delta":
      case "response.refusal.delta":
        this.#pushText(textIn(event, "delta"), batch);
        break;
      case "response.reasoning_text.delta":
      case "response.reasoning_summary_text.delta":
        pushReasoning(textIn(event, "delta"), batch);
        break;
      case "response.reasoning_summary_part.added":
        // Parts of a summary are paragraphs.
        if (event["summary_index"] !== 0) pushReasoning("\n\n", batch);
        break;
      case "response.content_part.added":
        this.#charsBefore = this.#chars;
        break;
      case "response.output_item.added":
        this.#beginItem(event["output_index"], objectIn(event, "item"), batch);
        break;
      case "response.function_call_arguments.delta":
        this.#addArguments(event["output_index"], textIn(event, "delta"), batch);
        break;
      case "response.output_item.done":
        this.#endItem(event["output_index"], objectIn(event, "item"), batch);
        break;
      case "response.output_text.annotation.added":
        this.#addSource(objectIn(event, "annotation"), batch);
        break;
      case "response.completed":
        return this.#stop(this.#hasCalls ? "tool_calls" : "stop", response, batch);
      case "response.incomplete": {
        const reason = textIn(objectIn(response, "incomplete_details"), "reason");
        return this.#stop(reasons.get(reason) ?? (reason || "incomplete"), response, batch);
      }
      case "response.failed":
        throw reportedError(response);
      case "error":
        throw reportedError(event);
      case undefined:
        this.#skip(batch);
        break;
      default:
      // Steps of the response that are of no use here, and types that come later.
    }
    return false;
  }

  end(): StopEvent {
    const message = "The gateway's answer ended without response.completed.";
    throw new RelayError("gateway_interrupted", message);
  }

  #stop(reason: string, response: Fields | undefined, batch: WrittenEvent[]): boolean {
    this.#calls.complete(batch);
    const usage = objectIn(response, "usage");
    batch.push({ type: "stop", reason, ...(usage && { usage }) });
    return true;
  }

  #pushText(content: string, batch: WrittenEvent[]): void {
    if (content === "") return;
    batch.push({ type: "token", content, index: this.#nextIndex });
    this.#nextIndex += 1;
    this.#chars += content.length;
  }

  #beginItem(index: unknown, item: Fields | undefined, batch: WrittenEvent[]): void {
    if (item?.["type"] !== "function_call") return;
    this.#hasCalls = true;
    const identity = { callId: textIn(item, "call_id"), name: textIn(item, "name") };
    this.#calls.add(index, { ...identity, argumentsDelta: "" }, batch);
  }

  #addArguments(index: unknown, argumentsDelta: string, batch: WrittenEvent[]): void {
    if (!this.#calls.has(index)) return;
    this.#calls.add(index, { callId: "", name: "", argumentsDelta }, batch);
  }

  #endItem(index: unknown, item: Fields | undefined, batch: WrittenEvent[]): void {
    if (item?.["type"] === "function_call") {
      if (!this.#calls.has(index)) this.#beginItem(index, item, batch);
      // Some servers send the arguments whole.
      this.#calls.fill(index, textIn(item, "arguments"), batch);
      this.#calls.complete(batch);
    }
    const image = textIn(item, "result");
    if (item?.["type"] === "image_generation_call" && image !== "") {
      const format = textIn(item, "output_format") || "png";
      batch.push({ type: "file", mediaType: `image/${format}`, data: image });
    }
  }

  #addSource(annotation: Fields | undefined, batch: WrittenEvent[]): void {
    if (annotation === undefined) return;
    const { start_index: start, end_index: end, file_id: documentId } = annotation;
    // Its place is counted from the beginning of its part.
    const placed = { from: Number(start) + this.#charsBefore, to: Number(end) + this.#charsBefore };
    const title = textIn(annotation, "title") || textIn(annotation, "filename");
    const cited = citedIn({ url: annotation["url"], title, documentId, ...placed });
    if (cited.url !== undefined || cited.documentId !== undefined) this.#sources.add(cited, batch);
  }
}

function pushReasoning(content: string, batch: WrittenEvent[]): void {
  if (content !== "") batch.push({ type: "reasoning", content });
}
