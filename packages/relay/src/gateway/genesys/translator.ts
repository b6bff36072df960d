import {
  isNoticeType,
  type StopEvent,
  type TokenJson,
  type WrittenEvent,
} from "@gatestream/protocol";
import { RelayError } from "../../errors.ts";
import { isObject, parseLine } from "../../json.ts";
import { createSkip, type Translator } from "../decode/read-answer.ts";
import { reportedError } from "../refusal.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * What most lines are: a token and no escapes, spelled as the protocol does. Such a line is passed on
 * as it came.
 */
const plainToken =
  // oxlint-disable-next-line no-control-regex -- JSON has none of them in a string.
  /^\{"type":"token","content":"[^"\\\u0000-\u001F]*","index":(?:0|[1-9]\d{0,14})\}$/;

const isPlainToken = (payload: string): payload is TokenJson => plainToken.test(payload);

/** The gateway's objects as integrators describe them: PROTOCOL.md, "Gateway side". */
export function createGenesysTranslator(): Translator {
  return new GenesysTranslator(createSkip());
}

class GenesysTranslator implements Translator {
  readonly #skip: (batch: WrittenEvent[]) => void;
  /** The latest token that was passed on, until its index is asked for. */
  #plain: TokenJson | undefined;
  #nextIndex = 0;
  #hasSkipped = false;
  #hasRead = false;

  constructor(skip: (batch: WrittenEvent[]) => void) {
    this.#skip = skip;
  }

  translate(payload: string, batch: WrittenEvent[]): boolean {
    if (isPlainToken(payload)) {
      this.#plain = payload;
      batch.push(payload);
      return false;
    }
    if (payload.trim() === "") return false;
    const { values, isMalformed } = parseLine(payload);
    let isSkipped = isMalformed;
    for (const value of values) {
      if (!isObject(value)) isSkipped = true;
      else if (this.#translateObject(value, batch)) return true;
    }
    if (isSkipped) this.#skipLine(batch);
    return false;
  }

  end(): StopEvent {
    if (this.#hasSkipped && !this.#hasRead && this.#plain === undefined) throw notUnderstood();
    return { type: "stop", reason: "eof" };
  }

  #skipLine(batch: WrittenEvent[]): void {
    this.#hasSkipped = true;
    this.#skip(batch);
  }

  #translateObject(value: Fields, batch: WrittenEvent[]): boolean {
    const type = typeof value["type"] === "string" ? value["type"] : "token";
    const content = textOf(value);
    const hasError = value["error"] !== undefined && value["error"] !== null;
    if (type === "error" || (content === undefined && hasError)) {
      throw reportedError(value);
    }
    if (content === undefined && value["type"] === undefined) {
      // JSON, but neither text nor anything that says what it is.
      this.#skipLine(batch);
      return false;
    }
    this.#hasRead = true;
    const isEnd = type === "stop" || type === "done";
    // The last object may still carry text.
    if (!isEnd || content) {
      const index = Number.isInteger(value["index"]) ? Number(value["index"]) : this.#takeIndex();
      this.#nextIndex = index + 1;
      this.#plain = undefined;
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

  #takeIndex(): number {
    if (this.#plain === undefined) return this.#nextIndex;
    return Number(this.#plain.slice(this.#plain.lastIndexOf(":") + 1, -1)) + 1;
  }
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
