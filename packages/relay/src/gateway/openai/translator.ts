import type { StopEvent } from "@gatestream/protocol";
import { createSkip, type AnswerLimits, type Translator } from "../read-answer.ts";
import { isObject, parseObject } from "../read-text.ts";
import { reportedError } from "../refusal.ts";

/** The payload that follows the last chunk. */
const endMark = "[DONE]";

/**
 * Chunks of a chat completion (OpenAI API reference, "The chat completion chunk object"). Only the
 * text of the first choice is taken; the usage comes in a chunk of its own, after the reason.
 */
export function createOpenaiTranslator(limits: AnswerLimits): Translator {
  const skip = createSkip(limits);
  let nextIndex = 0;
  let reason = "eof";
  let usage: Readonly<Record<string, unknown>> | undefined;

  const end = (): StopEvent => ({ type: "stop", reason, ...(usage && { usage }) });

  return {
    translate(payload, batch) {
      if (payload.trim() === endMark) {
        // Said by the upstream, even where it gave no reason.
        if (reason === "eof") reason = "stop";
        batch.push(end());
        return true;
      }
      const chunk = parseObject(payload);
      if (chunk === undefined) {
        skip(batch);
        return false;
      }
      if (isObject(chunk["error"])) throw reportedError(chunk["error"]);
      if (isObject(chunk["usage"])) usage = chunk["usage"];
      const choice: unknown = Array.isArray(chunk["choices"]) ? chunk["choices"][0] : undefined;
      if (!isObject(choice)) return false;
      const content = isObject(choice["delta"]) ? choice["delta"]["content"] : undefined;
      if (typeof content === "string" && content !== "") {
        batch.push({ type: "token", content, index: nextIndex });
        nextIndex += 1;
      }
      if (typeof choice["finish_reason"] === "string") reason = choice["finish_reason"];
      return false;
    },
    end,
  };
}
