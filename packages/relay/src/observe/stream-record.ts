import { isTerminal, type Usage, type WrittenEvent } from "@gatestream/protocol";
import { RelayError } from "../errors.ts";
import type {
  Observer,
  ObserverEvent,
  StreamIds,
  StreamPhase,
  UpstreamAnswered,
} from "./observer.ts";

/** Of most languages, roughly. */
const charsPerToken = 4;

/** Reports that a stream has started, keeps its values while it runs, and reports them when it ends. */
export class StreamRecord {
  readonly #ids: StreamIds;
  readonly #observe: Observer;
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #spentMs = { queue: 0, access_token: 0, handshake: 0, first_token: 0, answer: 0 };
  // The phase of a provider that reports none, until the gateway has accepted.
  #phase: StreamPhase = "handshake";
  #phaseBegunAt: number;
  #tokens = 0;
  #reasoningPieces = 0;
  #warnings = 0;
  /** Of the conversation; set once the gateway has accepted it. */
  #inputChars: number | undefined;
  #usage: Usage | undefined;
  #firstTokenMs: number | undefined;
  #reason = "cancelled";
  #error: RelayError | undefined;
  #answered: UpstreamAnswered | undefined;
  #hasEnded = false;

  /** @param now Milliseconds, by default of `performance`. */
  constructor(ids: StreamIds, observe: Observer, now: () => number = () => performance.now()) {
    this.#ids = ids;
    this.#observe = observe;
    this.#now = now;
    this.#startedAt = now();
    this.#phaseBegunAt = this.#startedAt;
    observe({ type: "stream_started", ...ids });
  }

  /** Passes on what the provider notifies of, and keeps what belongs into the record. */
  notify(event: ObserverEvent): void {
    if (event.type === "phase_begun") this.#enter(event.phase);
    if (event.type === "upstream_answered") {
      this.#enter("first_token");
      this.#answered = event;
    }
    this.#observe(event);
  }

  #enter(next: StreamPhase): void {
    const at = this.#now();
    this.#spentMs[this.#phase] += at - this.#phaseBegunAt;
    this.#phaseBegunAt = at;
    // From the first token on the phase is the answer, whatever a provider reports late.
    if (this.#phase !== "answer") this.#phase = next;
  }

  /** Counts what the gateway's side appends; true when it ends there. */
  count(events: readonly WrittenEvent[]): boolean {
    for (const event of events) {
      if (typeof event === "string" || event.type === "token") this.#countToken();
      else if (event.type === "reasoning") this.#reasoningPieces += 1;
      else if (event.type === "warning") this.#warnings += 1;
      else if (isTerminal(event)) {
        if (event.type === "stop") {
          this.#reason = event.reason;
          this.#usage = event.usage;
        }
        // From a provider that ends its answer with an error instead of throwing one.
        else this.#error ??= new RelayError(event.code, event.message);
        return true;
      }
    }
    return false;
  }

  #countToken(): void {
    this.#tokens += 1;
    if (this.#firstTokenMs !== undefined) return;
    this.#enter("answer");
    this.#firstTokenMs = this.#phaseBegunAt - this.#startedAt;
  }

  /** The gateway has accepted a conversation with a text of this length: from now on it costs. */
  accepted(inputChars: number): void {
    this.#inputChars ??= inputChars;
  }

  /** What the answer has cost so far, as the relay counts it; nothing before the gateway accepted. */
  get estimate(): Usage | undefined {
    if (this.#inputChars === undefined) return undefined;
    const inputTokens = Math.ceil(this.#inputChars / charsPerToken);
    return { inputTokens, outputTokens: this.#tokens + this.#reasoningPieces, isEstimate: true };
  }

  /** Keeps why the answer failed. */
  failed(error: RelayError): void {
    this.#error = error;
  }

  /** Reports the whole life; a second call does nothing. */
  end(readerLeft: boolean): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#enter(this.#phase);
    const { queue, access_token, handshake } = this.#spentMs;
    const { attempts, correlationId } = this.#answered ?? {};
    // An upstream may put any text into what it told.
    const { raw: _, ...usage } = this.#usage ?? this.estimate ?? {};
    this.#observe({
      type: "stream_ended",
      ...this.#ids,
      ending: this.#error === undefined ? this.#reason : "error",
      ...(this.#error !== undefined && { error: this.#error }),
      readerLeft,
      phase: this.#phase,
      tokens: this.#tokens,
      warnings: this.#warnings,
      ...(Object.keys(usage).length > 0 && { usage }),
      ...(attempts !== undefined && { attempts }),
      ...(correlationId !== undefined && { correlationId }),
      queueMs: queue,
      accessTokenMs: access_token,
      handshakeMs: handshake,
      ...(this.#firstTokenMs !== undefined && { firstTokenMs: this.#firstTokenMs }),
      durationMs: this.#phaseBegunAt - this.#startedAt,
    });
  }
}
