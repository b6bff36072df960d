import type { StopEvent } from "@gatestream/protocol";
import { createSkip, type AnswerLimits, type Translator } from "../decode/read-answer.ts";
import { isObject, parseObject } from "../decode/json-values.ts";
import { reportedError } from "../handshake/refusal.ts";
import type { Withhold } from "../handshake/withhold.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The payload that follows the last chunk. */
const endMark = "[DONE]";

/**
 * Chunks of a chat completion (OpenAI API reference, "The chat completion chunk object"). Only the
 * text of the first choice is taken; the usage comes in a chunk of its own, after the reason.
 */
export function createOpenaiTranslator(limits: AnswerLimits, withhold: Withhold): Translator {
  const skip = createSkip(limits);
  let nextIndex = 0;
  let reason = "eof";
  let usage: Fields | undefined;

  const end = (): StopEvent => ({ type: "stop", reason, ...(usage && { usage }) });

  return {
    translate(payload, batch) {
      if (payload.trim() === endMark) {
        // Said by the upstream, even where it gave no reason.
        if (reason === "eof") reason = "stop";
        batch.push(end());
        return true;
      }
      if (payload.trim() === "") return false;
      const chunk = parseObject(payload);
      if (chunk !== undefined && isError(chunk)) {
        throw reportedError(chunk, withhold);
      }
      if (chunk === undefined || !(Array.isArray(chunk["choices"]) || isObject(chunk["usage"]))) {
        skip(batch);
        return false;
      }
      if (isObject(chunk["usage"])) usage = chunk["usage"];
      const choice = firstChoice(chunk["choices"]);
      if (choice === undefined) return false;
      // A server that cannot stream sends the whole message at once.
      const piece = choice["delta"] ?? choice["message"];
      const content = isObject(piece) ? piece["content"] : undefined;
      if (typeof content === "string" && content !== "") {
        batch.push({ type: "token", content, index: nextIndex });
        nextIndex += 1;
      }
      const finishReason = choice["finish_reason"];
      if (typeof finishReason === "string" && finishReason !== "") reason = finishReason;
      return false;
    },
    end,
  };
}

/** OpenAI's own shape, and the one that older vLLM servers send. */
function isError(chunk: Fields): boolean {
  return (chunk["error"] ?? undefined) !== undefined || chunk["object"] === "error";
}

/** Choices have chunks of their own: an index tells which one it is, not the place in the list. */
function firstChoice(choices: unknown): Fields | undefined {
  if (!Array.isArray(choices)) return undefined;
  return choices.find(
    (choice): choice is Fields => isObject(choice) && (choice["index"] ?? 0) === 0,
  );
}
