import { isNoticeType, type StreamEvent } from "@gatestream/protocol";
import { RelayError } from "../../errors.ts";
import { isObject, parseLine } from "../decode/json.ts";
import { createSkip, type AnswerLimits, type Translator } from "../decode/read-answer.ts";
import { reportedError } from "../refusal.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * What most lines are: a token and no escapes. Read so, a line costs a third of what JSON.parse takes
 * for it; it is only another way to read what that would read too.
 */
const plainToken =
  // oxlint-disable-next-line no-control-regex -- JSON has none of them in a string.
  /^\{"type":"token","content":"([^"\\\u0000-\u001F]*)","index":(0|[1-9]\d{0,14})\}$/;

/** The gateway's objects as integrators describe them: PROTOCOL.md, "Gateway side". */
export function createGenesysTranslator(limits: AnswerLimits): Translator {
  const skip = createSkip(limits);
  let nextIndex = 0;
  let hasSkipped = false;
  let hasRead = false;

  function translateObject(value: Fields, batch: StreamEvent[]): boolean {
    const type = typeof value["type"] === "string" ? value["type"] : "token";
    const content = textOf(value);
    const hasError = value["error"] !== undefined && value["error"] !== null;
    if (type === "error" || (content === undefined && hasError)) {
      throw reportedError(value);
    }
    if (content === undefined && value["type"] === undefined) {
      // JSON, but neither text nor anything that says what it is.
      hasSkipped = true;
      skip(batch);
      return false;
    }
    hasRead = true;
    const isEnd = type === "stop" || type === "done";
    // The last object may still carry text.
    if (!isEnd || content) {
      const index = Number.isInteger(value["index"]) ? Number(value["index"]) : nextIndex;
      nextIndex = index + 1;
      const isToken = isEnd || type === "token" || type === "delta";
      batch.push(
        isToken
          ? { type: "token", content: content ?? "", index }
          : { ...value, type: foreignType(type), content: content ?? "", index },
      );
    }
    if (isEnd) batch.push({ type: "stop", reason: reasonOf(value), ...usageOf(value) });
    return isEnd;
  }

  return {
    translate(payload, batch) {
      const [, plain, count] = plainToken.exec(payload) ?? [];
      if (plain !== undefined) {
        const index = Number(count);
        nextIndex = index + 1;
        hasRead = true;
        batch.push({ type: "token", content: plain, index });
        return false;
      }
      if (payload.trim() === "") return false;
      const { values, isMalformed } = parseLine(payload);
      let isSkipped = isMalformed;
      for (const value of values) {
        if (!isObject(value)) isSkipped = true;
        else if (translateObject(value, batch)) return true;
      }
      if (isSkipped) {
        hasSkipped = true;
        skip(batch);
      }
      return false;
    },
    end() {
      if (hasSkipped && !hasRead) throw notUnderstood();
      return { type: "stop", reason: "eof" };
    },
  };
}

function notUnderstood(): RelayError {
  return new RelayError("gateway_protocol_error", "No line of the gateway's answer was JSON.");
}

function textOf(value: Fields): string | undefined {
  const text = value["content"] ?? value["delta"];
  return typeof text === "string" ? text : undefined;
}

/** A gateway type that is one of our notices' names would be taken for one. */
function foreignType(type: string): string {
  return isNoticeType(type) ? `gateway.${type}` : type;
}

function reasonOf(value: Fields): string {
  const reason =
    value["reason"] ?? value["finishReason"] ?? value["finish_reason"] ?? value["stopReason"];
  return typeof reason === "string" && reason !== "" ? reason : "stop";
}

function usageOf(value: Fields) {
  return isObject(value["usage"]) ? { usage: value["usage"] } : {};
}
