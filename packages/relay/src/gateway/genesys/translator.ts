import {
  isNoticeType,
  type PartEvent,
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
    if (isPart(type, value)) {
      batch.push(value as unknown as PartEvent);
      return false;
    }
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

const isText = (value: unknown): boolean => typeof value === "string";
const isName = (value: unknown): boolean => isText(value) && value !== "";
const isPlace = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

interface PartRule {
  /** Fields that have to be there, and what they are. */
  readonly required: Readonly<Record<string, (value: unknown) => boolean>>;
  readonly optional?: Readonly<Record<string, (value: unknown) => boolean>>;
  /** Of which one has to be there. */
  readonly oneOf?: readonly string[];
}

/** The fields of what an answer is made of besides its text: PROTOCOL.md, "What an answer is made of". */
const partRules: ReadonlyMap<string, PartRule> = new Map<PartEvent["type"], PartRule>([
  ["reasoning", { required: { content: isText } }],
  [
    "tool_call",
    {
      required: { callId: isName, name: isName },
      optional: {
        argumentsDelta: isText,
        arguments: isText,
        isComplete: (value) => value === true,
      },
    },
  ],
  [
    "source",
    {
      required: { sourceId: isName },
      optional: { url: isText, title: isText, documentId: isText, from: isPlace, to: isPlace },
    },
  ],
  [
    "file",
    {
      required: { mediaType: isName },
      optional: { url: isText, data: isText },
      oneOf: ["url", "data"],
    },
  ],
]);

/** Whether an object is of one of these types and has its fields; others it may have, too. */
function isPart(type: string, value: Fields): boolean {
  const rule = partRules.get(type);
  if (rule === undefined) return false;
  const { required, optional = {}, oneOf } = rule;
  return (
    Object.entries(required).every(([name, fits]) => fits(value[name])) &&
    Object.entries(optional).every(([name, fits]) => !(name in value) || fits(value[name])) &&
    (oneOf === undefined || oneOf.some((name) => name in value))
  );
}

/** A gateway type that is one of our notices' names, or of the parts', would be taken for one. */
function foreignType(type: string): string {
  return isNoticeType(type) || partRules.has(type) ? `gateway.${type}` : type;
}

function reasonOf(value: Fields): string {
  const reason =
    value["reason"] ?? value["finishReason"] ?? value["finish_reason"] ?? value["stopReason"];
  return typeof reason === "string" && reason !== "" ? reason : "stop";
}

function usageOf(value: Fields) {
  return isObject(value["usage"]) ? { usage: value["usage"] } : {};
}
