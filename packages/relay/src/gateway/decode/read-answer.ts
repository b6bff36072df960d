import type { StopEvent, WrittenEvent } from "@gatestream/protocol";
import { RelayError } from "../../errors.ts";
import type { BodyReader, UpstreamResponse } from "../post.ts";
import { type PayloadDecoder, maxLineBytes } from "./lines.ts";

/** Turns an upstream's payloads into events. */
export interface Translator {
  /**
   * Appends what one payload means to `batch`; true once the upstream said that the answer is
   * complete. What it throws ends the answer, after what is in `batch`.
   */
  translate(payload: string, batch: WrittenEvent[]): boolean;
  /** By what the upstream gives the answer again, once it has said so: before the first event. */
  readonly handle?: string | undefined;
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
  readonly sink: {
    /** As an `AnswerSink`, and it takes tokens as JSON too. */
    events(batch: readonly WrittenEvent[]): boolean;
    end(failure?: unknown): void;
  };
  /** Called once with the translator's handle, if it gets one. */
  readonly onHandle?: (handle: string) => void;
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
  #hasHandle = false;

  constructor(parts: AnswerParts) {
    this.#parts = parts;
    this.#keepalives = new KeepaliveGuard(parts.limits);
  }

  data(bytes: Uint8Array): boolean {
    const events: WrittenEvent[] = [];
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
    const { handle } = this.#parts.translator;
    if (handle !== undefined && !this.#hasHandle) {
      this.#hasHandle = true;
      this.#parts.onHandle?.(handle);
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
    const events: WrittenEvent[] = [];
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

  #translate(payloads: readonly string[], events: WrittenEvent[]): boolean {
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

/** How many lines that are not JSON objects are skipped before the answer is given up. */
const maxMalformedLines = 16;

/**
 * Reports a line that is skipped.
 *
 * @throws RelayError `gateway_protocol_error` past 16 of them.
 */
export function createSkip(): (batch: WrittenEvent[]) => void {
  let skipped = 0;
  return (batch) => {
    skipped += 1;
    if (skipped > maxMalformedLines) {
      throw new RelayError(
        "gateway_protocol_error",
        `More than ${maxMalformedLines} lines of the answer were not JSON.`,
      );
    }
    batch.push({ type: "warning", code: "malformed_line" });
  };
}

export interface KeepaliveLimits {
  /** Silence in the middle of an answer, in milliseconds. */
  readonly idleTimeoutMs: number;
}

/** For how many idle timeouts blank lines and comments may keep an answer alive. */
const maxIdleTimeouts = 3;
/** The unfinished line itself, and as much again of blank lines and comments. */
const maxKeepaliveBytes = 2 * maxLineBytes;

/**
 * Bounds the time and the bytes between two payloads. Blank lines and comments count as activity,
 * because gateways send them while a model thinks, but neither for ever nor without a limit in
 * bytes: parsing them costs processor time.
 */
export class KeepaliveGuard {
  readonly #limits: KeepaliveLimits;
  readonly #now: () => number;
  #bytesWithoutPayload = 0;
  #sinceMs = 0;

  constructor(limits: KeepaliveLimits, now = monotonicMs) {
    this.#limits = limits;
    this.#now = now;
  }

  /**
   * Takes what one chunk became.
   *
   * @throws RelayError `gateway_timeout` or `gateway_protocol_error` at the limits.
   */
  check(payloads: readonly string[], byteLength: number): void {
    if (payloads.some(isFilled)) {
      this.#bytesWithoutPayload = 0;
      return;
    }
    if (this.#bytesWithoutPayload === 0) this.#sinceMs = this.#now();
    this.#bytesWithoutPayload += byteLength;
    if (this.#bytesWithoutPayload > maxKeepaliveBytes) {
      throw new RelayError(
        "gateway_protocol_error",
        `The gateway sent more than ${maxKeepaliveBytes} bytes of blank lines and comments in a row.`,
      );
    }
    const limitMs = maxIdleTimeouts * this.#limits.idleTimeoutMs;
    if (this.#now() - this.#sinceMs > limitMs) {
      throw new RelayError(
        "gateway_timeout",
        `The gateway sent only blank lines and comments for ${limitMs} ms (three times idleTimeoutMs).`,
      );
    }
  }
}

const monotonicMs = (): number => performance.now();
const isFilled = (payload: string): boolean => payload.trim() !== "";
