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

/** Why an answer ended, in the protocol's words; any other reason is passed on. */
const reasons: ReadonlyMap<string, string> = new Map([
  ["end_turn", "stop"],
  ["stop_sequence", "stop"],
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["tool_use", "tool_calls"],
  ["refusal", "content_filter"],
]);

/** Events of a message (Anthropic API documentation, "Streaming messages"). */
export function createAnthropicTranslator(): Translator {
  return new AnthropicTranslator();
}

class AnthropicTranslator implements Translator {
  readonly #skip = createSkip();
  readonly #calls = new ToolCalls();
  readonly #sources = new Sources();
  #nextIndex = 0;
  #reason: string | undefined;
  #usage: Fields | undefined;

  translate(payload: string, batch: WrittenEvent[]): boolean {
    if (payload.trim() === "") return false;
    const event = parseObject(payload);
    if (event === undefined) {
      this.#skip(batch);
      return false;
    }
    // Also the data of an event that is named error.
    if ((event["error"] ?? null) !== null) throw reportedError(event);
    switch (event["type"]) {
      case "message_start":
        this.#addUsage(objectIn(objectIn(event, "message"), "usage"));
        break;
      case "content_block_start":
        this.#beginBlock(event["index"], objectIn(event, "content_block"), batch);
        break;
      case "content_block_delta":
        this.#translateDelta(event["index"], objectIn(event, "delta"), batch);
        break;
      case "content_block_stop":
        if (!this.#calls.has(event["index"])) break;
        // A call without arguments comes without any text of them.
        this.#calls.fill(event["index"], "{}", batch);
        this.#calls.complete(batch);
        break;
      case "message_delta": {
        const reason = textIn(objectIn(event, "delta"), "stop_reason");
        if (reason !== "") this.#reason = reasons.get(reason) ?? reason;
        this.#addUsage(objectIn(event, "usage"));
        break;
      }
      case "message_stop":
        this.#calls.complete(batch);
        batch.push(this.#stop(this.#reason ?? "stop"));
        return true;
      case undefined:
        this.#skip(batch);
        break;
      default:
      // `ping`, and types that come later.
    }
    return false;
  }

  end(): StopEvent {
    if (this.#reason !== undefined) return this.#stop(this.#reason);
    const message = "The gateway's answer ended without message_stop.";
    throw new RelayError("gateway_interrupted", message);
  }

  #stop(reason: string): StopEvent {
    return { type: "stop", reason, ...(this.#usage && { usage: this.#usage }) };
  }

  /** Later counts are of the whole; what they do not tell is as it was. */
  #addUsage(told: Fields | undefined): void {
    const counts = Object.entries(told ?? {}).filter(([, value]) => value !== null);
    if (counts.length > 0) this.#usage = { ...this.#usage, ...Object.fromEntries(counts) };
  }

  #beginBlock(index: unknown, block: Fields | undefined, batch: WrittenEvent[]): void {
    if (block?.["type"] === "tool_use") {
      const identity = { callId: textIn(block, "id"), name: textIn(block, "name") };
      const input = objectIn(block, "input") ?? {};
      // Servers that cannot stream them have the arguments here.
      const given = Object.keys(input).length === 0 ? "" : JSON.stringify(input);
      this.#calls.add(index, { ...identity, argumentsDelta: given }, batch);
    }
    this.#pushText(textIn(block, "text"), batch);
    pushReasoning(textIn(block, "thinking"), batch);
  }

  #translateDelta(index: unknown, delta: Fields | undefined, batch: WrittenEvent[]): void {
    this.#pushText(textIn(delta, "text"), batch);
    pushReasoning(textIn(delta, "thinking"), batch);
    const argumentsDelta = textIn(delta, "partial_json");
    // The provider's own tools are called by it, not by the page.
    if (argumentsDelta !== "" && this.#calls.has(index)) {
      this.#calls.add(index, { callId: "", name: "", argumentsDelta }, batch);
    }
    const citation = objectIn(delta, "citation");
    if (citation !== undefined) this.#sources.add(citedOf(citation), batch);
  }

  #pushText(content: string, batch: WrittenEvent[]): void {
    if (content === "") return;
    batch.push({ type: "token", content, index: this.#nextIndex });
    this.#nextIndex += 1;
  }
}

function pushReasoning(content: string, batch: WrittenEvent[]): void {
  if (content !== "") batch.push({ type: "reasoning", content });
}

/** A page that was searched for, or a document of the conversation. */
function citedOf(citation: Fields) {
  const title = textIn(citation, "title") || textIn(citation, "document_title");
  const url = citation["url"] ?? citation["source"];
  const index = citation["document_index"];
  const place = Number.isSafeInteger(index) ? String(index) : "";
  return citedIn({ url, title, documentId: textIn(citation, "file_id") || place });
}
