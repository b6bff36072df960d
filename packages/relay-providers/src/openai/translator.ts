import type { StopEvent } from "@gatestream/protocol";
import {
  createSkip,
  isObject,
  parseObject,
  RelayError,
  reportedError,
  type Translator,
} from "@gatestream/relay/parts";

type Fields = Readonly<Record<string, unknown>>;

/** The payload that follows the last chunk. */
const endMark = "[DONE]";
/** Reasons that servers give for an answer that failed: OpenRouter and vLLM. */
const failureReasons: ReadonlySet<unknown> = new Set(["error", "abort"]);

/**
 * Chunks of a chat completion (OpenAI API reference, "The chat completion chunk object"), and what
 * servers of that API make of it. Only the text of the first choice is taken; the usage usually
 * comes in a chunk of its own, after the reason.
 */
export function createOpenaiTranslator(): Translator {
  const skip = createSkip();
  let nextIndex = 0;
  let reason: string | undefined;
  let usage: Fields | undefined;

  const stop = (stopReason: string): StopEvent => ({
    type: "stop",
    reason: stopReason,
    ...(usage && { usage }),
  });

  return {
    translate(payload, batch) {
      const text = payload.trim();
      if (text === endMark) {
        // Without a reason the upstream still said that the answer is complete.
        batch.push(stop(reason ?? "stop"));
        return true;
      }
      if (text === "") return false;
      const chunk = parseObject(text);
      const choice = firstChoice(chunk?.["choices"]);
      const groq = objectIn(chunk, "x_groq");
      const error = errorOf(chunk, groq, choice);
      const foundUsage =
        objectIn(chunk, "usage") ?? objectIn(groq, "usage") ?? objectIn(choice, "usage");
      usage = foundUsage ?? usage;
      const content = contentOf(choice);
      if (content !== "") {
        batch.push({ type: "token", content, index: nextIndex });
        nextIndex += 1;
      }
      if (error !== undefined) throw reportedError(error);
      if (!Array.isArray(chunk?.["choices"]) && foundUsage === undefined && groq === undefined) {
        skip(batch);
        return false;
      }
      const finishReason = choice?.["finish_reason"];
      if (typeof finishReason === "string" && finishReason !== "") reason = finishReason;
      return false;
    },
    end() {
      // Some servers end the answer like this when their model or they themselves failed.
      if (reason === undefined) throw endedEarly();
      return stop(reason);
    },
  };
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

function contentOf(choice: Fields | undefined): string {
  // A server that cannot stream sends the whole message at once.
  const piece = objectIn(choice, "delta") ?? objectIn(choice, "message");
  return textOf(piece?.["content"]) + textOf(piece?.["refusal"]);
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

function objectIn(fields: Fields | undefined, name: string): Fields | undefined {
  const value = fields?.[name];
  return isObject(value) ? value : undefined;
}
