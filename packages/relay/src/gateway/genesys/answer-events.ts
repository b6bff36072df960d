import { isNoticeType, type StreamEvent } from "@gatestream/protocol";
import { RelayError } from "../../errors.ts";
import { parseLine } from "../json-values.ts";
import type { PayloadDecoder } from "../line-decoder.ts";
import type { Answer } from "../provider.ts";
import { publicMessage } from "../public-message.ts";
import { isObject } from "../read-text.ts";
import { GatewayRefusal } from "../refusal.ts";

export interface AnswerLimits {
  /** How many lines that are not JSON objects are skipped before the answer is given up. */
  readonly maxMalformedLines: number;
}

/**
 * The gateway's objects as our events. What was understood before a failure comes before it.
 *
 * @throws RelayError `gateway_interrupted` when the gateway reports an error or is cut off,
 * `gateway_protocol_error` past the limits.
 */
export async function* answerEvents(
  body: AsyncIterable<readonly Uint8Array[]>,
  decoder: PayloadDecoder,
  limits: AnswerLimits,
): Answer {
  const translate = createTranslator(limits);
  for await (const chunks of body) {
    const { batch, failure, isOver } = attempt((events) => {
      for (const chunk of chunks) if (translate(decoder.push(chunk), events)) return true;
      return false;
    });
    if (batch.length > 0) yield batch;
    if (failure !== undefined) throw failure;
    if (isOver) return;
  }
  const { batch, failure, isOver } = attempt((events) => translate(decoder.end(), events));
  if (failure === undefined && !isOver) batch.push({ type: "stop", reason: "eof" });
  if (batch.length > 0) yield batch;
  if (failure !== undefined) throw failure;
}

/** Runs `fill` and keeps what it had filled in before it failed. */
function attempt(fill: (batch: StreamEvent[]) => boolean): {
  batch: StreamEvent[];
  failure: unknown;
  isOver: boolean;
} {
  const batch: StreamEvent[] = [];
  try {
    return { batch, failure: undefined, isOver: fill(batch) };
  } catch (failure) {
    return { batch, failure, isOver: true };
  }
}

/** Translates payloads into `batch`; true once the gateway said that the answer is complete. */
function createTranslator({ maxMalformedLines }: AnswerLimits) {
  let nextIndex = 0;
  let malformedLines = 0;

  function skip(batch: StreamEvent[]): void {
    malformedLines += 1;
    if (malformedLines > maxMalformedLines) {
      throw new RelayError(
        "gateway_protocol_error",
        `More than maxMalformedLines (${maxMalformedLines}) lines of the answer were not JSON.`,
      );
    }
    batch.push({ type: "warning", code: "malformed_line" });
  }

  function translateObject(
    value: Readonly<Record<string, unknown>>,
    batch: StreamEvent[],
  ): boolean {
    const type = typeof value["type"] === "string" ? value["type"] : "token";
    const content = textOf(value);
    const hasError = value["error"] !== undefined && value["error"] !== null;
    if (type === "error" || (content === undefined && hasError)) throw reported(value);
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

  return (payloads: readonly string[], batch: StreamEvent[]): boolean => {
    for (const payload of payloads) {
      if (payload.trim() === "") continue;
      const { values, isMalformed } = parseLine(payload);
      let isSkipped = isMalformed;
      for (const value of values) {
        if (!isObject(value)) isSkipped = true;
        else if (translateObject(value, batch)) return true;
      }
      if (isSkipped) skip(batch);
    }
    return false;
  };
}

function textOf(value: Readonly<Record<string, unknown>>): string | undefined {
  const text = value["content"] ?? value["delta"];
  return typeof text === "string" ? text : undefined;
}

/** A gateway type that is one of our notices' names would be taken for one. */
function foreignType(type: string): string {
  return isNoticeType(type) ? `gateway.${type}` : type;
}

function reasonOf(value: Readonly<Record<string, unknown>>): string {
  const reason =
    value["reason"] ?? value["finishReason"] ?? value["finish_reason"] ?? value["stopReason"];
  return typeof reason === "string" && reason !== "" ? reason : "stop";
}

function usageOf(value: Readonly<Record<string, unknown>>) {
  return isObject(value["usage"]) ? { usage: value["usage"] } : {};
}

/** An error that the gateway reports inside its answer. */
function reported(value: Readonly<Record<string, unknown>>): RelayError {
  const cause = new GatewayRefusal(isObject(value["error"]) ? value["error"] : value);
  return new RelayError(
    "gateway_interrupted",
    `The gateway reported an error in the middle of the answer: ${publicMessage(cause.message)}`,
    { cause },
  );
}
