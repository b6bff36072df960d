import type { StreamEvent } from "@gatestream/protocol";
import { RelayError } from "../errors.ts";
import type { PayloadDecoder } from "./line-decoder.ts";
import type { Answer } from "./provider.ts";

/**
 * Turns one payload of the upstream into events, appended to `batch`; true once the upstream said
 * that the answer is complete. What it throws ends the answer, after what is in `batch`.
 */
export type Translate = (payload: string, batch: StreamEvent[]) => boolean;

/**
 * An upstream's body as our events: everything that arrived together is one batch, and what was
 * understood before a failure comes before it. A body that ends by itself is `eof`.
 */
export async function* readAnswer(
  body: AsyncIterable<readonly Uint8Array[]>,
  decoder: PayloadDecoder,
  translate: Translate,
): Answer {
  for await (const chunks of body) {
    const { batch, failure, isOver } = attempt((events) =>
      chunks.some((chunk) => decoder.push(chunk).some((payload) => translate(payload, events))),
    );
    if (batch.length > 0) yield batch;
    if (failure !== undefined) throw failure;
    if (isOver) return;
  }
  const { batch, failure, isOver } = attempt((events) =>
    decoder.end().some((payload) => translate(payload, events)),
  );
  if (failure === undefined && !isOver) batch.push({ type: "stop", reason: "eof" });
  if (batch.length > 0) yield batch;
  if (failure !== undefined) throw failure;
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
