import type { StopEvent, WrittenEvent } from "@gatestream/protocol";
import {
  createSkip,
  isObject,
  parseObject,
  RelayError,
  reportedError,
  type Translator,
} from "@gatestream/relay/parts";
import { citedIn, type Fields, fileOf, objectIn, objectsIn, textIn } from "../answer/fields.ts";
import { Sources } from "../answer/sources.ts";
import { ToolCalls } from "../answer/tool-calls.ts";

/** The payload that follows the last chunk. */
const endMark = "[DONE]";
/** Reasons that servers give for an answer that failed: OpenRouter and vLLM. */
const failureReasons: ReadonlySet<unknown> = new Set(["error", "abort"]);
/** Other words for a reason: of OpenAI's older API, Mistral, and Together. */
const reasons: ReadonlyMap<string, string> = new Map([
  ["function_call", "tool_calls"],
  ["model_length", "length"],
  ["eos", "stop"],
]);

/**
 * Chunks of a chat completion (OpenAI API reference, "The chat completion chunk object"), and what
 * servers of that API make of it. Only the first choice is taken; the usage usually comes in a chunk
 * of its own, after the reason.
 */
export function createOpenaiTranslator(): Translator {
  return new OpenaiTranslator();
}

class OpenaiTranslator implements Translator {
  readonly #skip = createSkip();
  readonly #calls = new ToolCalls();
  readonly #sources = new Sources();
  #nextIndex = 0;
  #reason: string | undefined;
  #usage: Fields | undefined;

  translate(payload: string, batch: WrittenEvent[]): boolean {
    const text = payload.trim();
    if (text === endMark) {
      this.#calls.complete(batch);
      // Without a reason the upstream still said that the answer is complete.
      batch.push(this.#stop(this.#reason ?? "stop"));
      return true;
    }
    if (text === "") return false;
    const chunk = parseObject(text);
    const choice = firstChoice(chunk?.["choices"]);
    const groq = objectIn(chunk, "x_groq");
    const usage = objectIn(chunk, "usage") ?? objectIn(groq, "usage") ?? objectIn(choice, "usage");
    this.#usage = usage ?? this.#usage;
    // A server that cannot stream sends the whole message at once.
    this.#translatePiece(objectIn(choice, "delta") ?? objectIn(choice, "message"), batch);
    this.#listSources(chunk, batch);
    const error = errorOf(chunk, groq, choice);
    if (error !== undefined) throw reportedError(error);
    if (!Array.isArray(chunk?.["choices"]) && usage === undefined && groq === undefined) {
      this.#skip(batch);
      return false;
    }
    const finishReason = textIn(choice, "finish_reason");
    if (finishReason !== "") {
      this.#reason = reasons.get(finishReason) ?? finishReason;
      this.#calls.complete(batch);
    }
    return false;
  }

  end(): StopEvent {
    // Some servers end the answer like this when their model or they themselves failed.
    if (this.#reason === undefined) throw endedEarly();
    return this.#stop(this.#reason);
  }

  #stop(reason: string): StopEvent {
    return { type: "stop", reason, ...(this.#usage && { usage: this.#usage }) };
  }

  #translatePiece(piece: Fields | undefined, batch: WrittenEvent[]): void {
    if (piece === undefined) return;
    const thought = reasoningOf(piece);
    if (thought !== "") batch.push({ type: "reasoning", content: thought });
    const content = textOf(piece["content"]) + textOf(piece["refusal"]);
    if (content !== "") {
      batch.push({ type: "token", content, index: this.#nextIndex });
      this.#nextIndex += 1;
    }
    for (const [at, call] of objectsIn(piece, "tool_calls").entries()) {
      this.#calls.add(call["index"] ?? at, callPiece(call, objectIn(call, "function")), batch);
    }
    // Of OpenAI's older API: one call, without an id.
    const call = objectIn(piece, "function_call");
    if (call !== undefined) this.#calls.add("function_call", callPiece({}, call), batch);
    for (const annotation of objectsIn(piece, "annotations")) {
      const cited = objectIn(annotation, "url_citation");
      if (cited === undefined) continue;
      const { url, title, start_index: from, end_index: to } = cited;
      this.#sources.add(citedIn({ url, title, from, to }), batch);
    }
    // OpenRouter.
    for (const image of objectsIn(piece, "images")) {
      const file = fileOf(textIn(objectIn(image, "image_url"), "url"));
      if (file !== undefined) batch.push(file);
    }
  }

  /** Perplexity repeats its sources in each chunk, as does who passes its answers on. */
  #listSources(chunk: Fields | undefined, batch: WrittenEvent[]): void {
    const found = objectsIn(chunk, "search_results");
    const titles = new Map(found.map(({ url, title }) => [url, title]));
    const citations: unknown = chunk?.["citations"];
    const urls: readonly unknown[] = Array.isArray(citations) ? citations : [...titles.keys()];
    if (urls.length === 0) return;
    this.#sources.list(
      urls.map((url) => citedIn({ url, title: titles.get(url) })),
      batch,
    );
  }
}

function endedEarly(): RelayError {
  const message = "The gateway's answer ended without a finish_reason and without [DONE].";
  return new RelayError("gateway_interrupted", message);
}

/** What describes a failure, in any place where servers put it; undefined when there is none. */
function errorOf(
  chunk: Fields | undefined,
  groq: Fields | undefined,
  choice: Fields | undefined,
): unknown {
  const reported = [chunk, groq, choice].find((fields) => (fields?.["error"] ?? null) !== null);
  if (reported !== undefined) return reported;
  // Older vLLM servers.
  if (chunk?.["object"] === "error") return chunk;
  const finishReason = choice?.["finish_reason"];
  return failureReasons.has(finishReason) ? { code: finishReason } : undefined;
}

/** Each choice has its own chunks: `index` identifies it, not the position in the list. */
function firstChoice(choices: unknown): Fields | undefined {
  if (!Array.isArray(choices)) return undefined;
  return choices.find(
    (choice): choice is Fields => isObject(choice) && (choice["index"] ?? 0) === 0,
  );
}

/** DeepSeek and vLLM, Ollama and OpenRouter; or the thoughts in a list of parts (Mistral). */
function reasoningOf(piece: Fields): string {
  const thought = textIn(piece, "reasoning_content") || textIn(piece, "reasoning");
  const parts = objectsIn(piece, "content").filter((part) => part["type"] === "thinking");
  return thought + parts.map((part) => textOf(part["thinking"])).join("");
}

/** A text, or the texts of a list of parts (Mistral). */
function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .filter((part) => isObject(part) && part["type"] === "text")
    .map((part) => textOf(part["text"]))
    .join("");
}

function callPiece(call: Fields, called: Fields | undefined) {
  const given = called?.["arguments"];
  return {
    callId: textIn(call, "id"),
    name: textIn(called, "name"),
    // Some servers send the object itself.
    argumentsDelta: isObject(given) ? JSON.stringify(given) : textIn(called, "arguments"),
  };
}
