import type { StopEvent, StreamEvent } from "@gatestream/protocol";
import { RelayError } from "../../errors.ts";
import type { BodyReader, UpstreamResponse } from "../handshake/upstream-call.ts";
import type { AnswerSink } from "../provider.ts";
import {
  createKeepaliveGuard,
  type KeepaliveGuard,
  type KeepaliveLimits,
} from "./keepalive-guard.ts";
import type { PayloadDecoder } from "./line-decoder.ts";

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
  readonly response: Pick<UpstreamResponse, "discard">;
  readonly decoder: PayloadDecoder;
  readonly translator: Translator;
  readonly limits: KeepaliveLimits;
  readonly sink: Pick<AnswerSink, "events" | "end">;
  /** Called once, when the answer is over or given up. */
  readonly onEnd: () => void;
}

/**
 * Turns an upstream's body into events: what arrived together is one batch, and what was understood
 * before a failure comes before it.
 */
export class AnswerReader implements BodyReader {
  readonly #parts: AnswerParts;
  readonly #keepalives: KeepaliveGuard;

  constructor(parts: AnswerParts) {
    this.#parts = parts;
    this.#keepalives = createKeepaliveGuard(parts.limits);
  }

  data(bytes: Uint8Array): boolean {
    const events: StreamEvent[] = [];
    let isOver = false;
    let failure: unknown;
    try {
      const payloads = this.#parts.decoder.push(bytes);
      this.#keepalives.check(payloads, bytes.length);
      isOver = this.#translate(payloads, events);
    } catch (error) {
      isOver = true;
      failure = error;
    }
    const hasRoom = events.length === 0 || this.#parts.sink.events(events);
    if (isOver) this.#finish(failure);
    return hasRoom;
  }

  end(failure?: unknown): void {
    if (failure !== undefined) {
      this.#finish(failure);
      return;
    }
    const events: StreamEvent[] = [];
    let cause: unknown;
    try {
      const { decoder, translator } = this.#parts;
      if (!this.#translate(decoder.end(), events)) events.push(translator.end());
    } catch (error) {
      cause = error;
    }
    if (events.length > 0) this.#parts.sink.events(events);
    this.#finish(cause);
  }

  #translate(payloads: readonly string[], events: StreamEvent[]): boolean {
    const { translator } = this.#parts;
    for (const payload of payloads) if (translator.translate(payload, events)) return true;
    return false;
  }

  #finish(failure: unknown): void {
    const { response, sink, onEnd } = this.#parts;
    response.discard();
    onEnd();
    sink.end(failure);
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
