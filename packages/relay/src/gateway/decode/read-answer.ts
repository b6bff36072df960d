import type { StopEvent, StreamEvent } from "@gatestream/protocol";
import { RelayError } from "../../errors.ts";
import { createKeepaliveGuard, type KeepaliveLimits } from "./keepalive-guard.ts";
import type { PayloadDecoder } from "./line-decoder.ts";
import type { Answer } from "../provider.ts";

/** Turns an upstream's payloads into events. */
export interface Translator {
  /**
   * Appends what one payload means to `batch`; true once the upstream said that the answer is
   * complete. What it throws ends the answer, after what is in `batch`.
   */
  translate(payload: string, batch: StreamEvent[]): boolean;
  /**
   * How an answer ended whose body ended by itself.
   *
   * @throws RelayError where that is a failure.
   */
  end(): StopEvent;
}

export interface AnswerParts {
  readonly body: AsyncIterable<readonly Uint8Array[]>;
  readonly decoder: PayloadDecoder;
  readonly translator: Translator;
  readonly limits: KeepaliveLimits;
  /** Called once, when the answer is over or given up. */
  readonly onEnd: () => void;
}

/**
 * An upstream's body as our events: everything that arrived together is one batch, and what was
 * understood before a failure comes before it.
 */
export async function* readAnswer(parts: AnswerParts): Answer {
  const { body, decoder, translator, onEnd } = parts;
  const keepalives = createKeepaliveGuard(parts.limits);
  try {
    for await (const chunks of body) {
      const bytes = joined(chunks);
      const { batch, failure, isOver } = attempt((events) => {
        const payloads = decoder.push(bytes);
        keepalives.check(payloads, bytes.length);
        return translateAll(payloads, events);
      });
      if (batch.length > 0) yield batch;
      if (failure !== undefined) throw failure;
      if (isOver) return;
    }
    const { batch, failure } = attempt((events) => {
      const isOver = translateAll(decoder.end(), events);
      if (!isOver) events.push(translator.end());
      return isOver;
    });
    if (batch.length > 0) yield batch;
    if (failure !== undefined) throw failure;
  } finally {
    onEnd();
  }

  function translateAll(payloads: readonly string[], batch: StreamEvent[]): boolean {
    return payloads.some((payload) => translator.translate(payload, batch));
  }
}

/** Cut into lines at once, what arrived in small chunks costs less than chunk by chunk. */
function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [first] = chunks;
  return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
}

/** Runs `fill` and keeps what it had filled in before it failed. */
function attempt(fill: (batch: StreamEvent[]) => boolean) {
  const batch: StreamEvent[] = [];
  try {
    return { batch, failure: undefined, isOver: fill(batch) };
  } catch (failure) {
    return { batch, failure, isOver: true };
  }
}

export interface AnswerLimits {
  /** How many lines that are not JSON objects are skipped before the answer is given up. */
  readonly maxMalformedLines: number;
}

/**
 * Tells of a line that is skipped.
 *
 * @throws RelayError `gateway_protocol_error` past `maxMalformedLines`.
 */
export function createSkip({ maxMalformedLines }: AnswerLimits): (batch: StreamEvent[]) => void {
  let skipped = 0;
  return (batch) => {
    skipped += 1;
    if (skipped > maxMalformedLines) {
      throw new RelayError(
        "gateway_protocol_error",
        `More than maxMalformedLines (${maxMalformedLines}) lines of the answer were not JSON.`,
      );
    }
    batch.push({ type: "warning", code: "malformed_line" });
  };
}
