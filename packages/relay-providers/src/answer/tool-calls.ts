import type { WrittenEvent } from "@gatestream/protocol";

interface Call {
  readonly callId: string;
  readonly name: string;
}

/** A piece of a call as an upstream told it; what it did not tell is empty. */
export interface CallPiece {
  readonly callId: string;
  readonly name: string;
  /** The next piece of the arguments' JSON text. */
  readonly argumentsDelta: string;
}

/** The calls of tools in one answer, each under the upstream's own index. */
export class ToolCalls {
  readonly #calls = new Map<unknown, Call>();
  readonly #open = new Set<Call>();
  readonly #withArguments = new Set<Call>();
  #count = 0;

  /**
   * Appends a piece. The first one of an index begins a call and gives it its identity, whatever later
   * ones say; one with another name and id is another call. A call that begins completes those before.
   */
  add(index: unknown, piece: CallPiece, batch: WrittenEvent[]): void {
    const known = this.#calls.get(index);
    const isOther =
      known === undefined ||
      (piece.name !== "" && piece.callId !== "" && piece.callId !== known.callId);
    const call = isOther ? this.#begin(index, piece, batch) : known;
    const { callId, name } = call;
    // Some servers go on with a call after another began.
    this.#open.add(call);
    if (piece.argumentsDelta !== "") this.#withArguments.add(call);
    else if (!isOther) return;
    batch.push({ type: "tool_call", callId, name, argumentsDelta: piece.argumentsDelta });
  }

  #begin(index: unknown, { callId, name }: CallPiece, batch: WrittenEvent[]): Call {
    this.complete(batch);
    this.#count += 1;
    const call = { callId: callId || `call_${this.#count}`, name };
    this.#calls.set(index, call);
    return call;
  }

  /** Whether there is a call of this index. */
  has(index: unknown): boolean {
    return this.#calls.has(index);
  }

  /** Gives a call its arguments, unless they have come in pieces. */
  fill(index: unknown, whole: string, batch: WrittenEvent[]): void {
    const call = this.#calls.get(index);
    if (call === undefined || this.#withArguments.has(call)) return;
    this.add(index, { callId: "", name: "", argumentsDelta: whole }, batch);
  }

  /** Nothing more comes of the calls so far. */
  complete(batch: WrittenEvent[]): void {
    for (const call of this.#open) {
      batch.push({ type: "tool_call", ...call, isComplete: true });
    }
    this.#open.clear();
  }
}
