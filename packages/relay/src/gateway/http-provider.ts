import type { StreamRequest } from "@gatestream/protocol";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent, type Dispatcher, request as send } from "undici";
import { isRelayError } from "../errors.ts";
import type { PhaseBegun } from "../observe/observer.ts";
import { createAnswerDecoder } from "./decode/answer-decoder.ts";
import { AnswerReader, type KeepaliveLimits, type Translator } from "./decode/read-answer.ts";
import { unpacked } from "./decode/unpack.ts";
import { correlationId, mediaTypeOf, quotaUsedUpForMs } from "./headers.ts";
import { Exchange, type ExchangeLimits, type UpstreamResponse } from "./post.ts";
import type { AnswerFlow, AnswerSink, Provider, ProviderContext } from "./provider.ts";
import { type Permit, type Quota, type QuotaSettings, createQuota } from "./quota/quota.ts";
import { bytesIn } from "./request-size.ts";
import { readRefusalText, refusalError, unanswered } from "./refusal.ts";
import { TransientError, retryDelayMs } from "./retry.ts";
import { within } from "../timers.ts";

/** Bounds of what is asked of an upstream. */
export interface UpstreamSettings extends QuotaSettings, KeepaliveLimits, ExchangeLimits {
  /** How many tries at most, the first included. */
  readonly handshakeTries: number;
  /** No try begins later than this after the first, in milliseconds. */
  readonly handshakeDeadlineMs: number;
  /** Whether a request that the upstream may have taken is sent again. */
  readonly retryUnanswered: boolean;
}

/** What an upstream did not accept. */
export interface RefusedRequest {
  /** What was sent as `Authorization`. */
  readonly authorization: string;
  readonly status: number;
  /** The refusal's body, as far as it was read. */
  readonly text: string;
}

/** In what one HTTP upstream differs from another. */
export interface HttpUpstream {
  readonly name: string;
  readonly url: URL;
  /**
   * The value of `Authorization`; empty where the upstream wants none. The context's signal is read when
   * it has to be waited for.
   */
  authorization(context: Pick<ProviderContext, "signal">): string | Promise<string>;
  /** Other headers, such as a key that is none of `Authorization`. @defaultValue none */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Refuses what the upstream cannot take, before anything is waited for.
   *
   * @throws RelayError `invalid_request` naming the field.
   */
  check?(request: StreamRequest): void;
  /** The request's JSON body. */
  bodyOf(request: StreamRequest): unknown;
  /**
   * Learns from a refusal; true when the request will differ from now on, so that it is sent once
   * more.
   */
  learnsFrom(refused: RefusedRequest): boolean;
  createTranslator(): Translator;
  /**
   * Of an upstream that answers in the background: where the answer of a translator's handle can be read
   * again from its start (GET), and where it is cancelled (POST).
   */
  readonly background?: Readonly<Record<"again" | "stop", (handle: string) => URL>>;
}

/** A provider that pushes. */
export interface HttpProvider extends Provider {
  open(...asked: Parameters<Provider["open"]>): AnswerFlow;
}

interface Parts {
  readonly upstream: HttpUpstream;
  readonly dispatcher: Dispatcher;
  readonly settings: UpstreamSettings;
  readonly quota: Quota;
  /** Requests to stop answers that are on their way. */
  readonly stopping: Set<Promise<unknown>>;
}

/** How long requests to stop answers may delay the relay's own stop. */
const stopTimeoutMs = 2_000;

/** What providers over HTTP have in common: the quota, the handshake, deadlines, decoding. */
export function createHttpProvider(
  upstream: HttpUpstream,
  settings: UpstreamSettings,
  dispatcher = createDispatcher(),
): HttpProvider {
  const quota = createQuota(settings);
  const stopping = new Set<Promise<unknown>>();
  const parts = { upstream, dispatcher, settings, quota, stopping };
  return {
    name: upstream.name,
    open(request, context, sink) {
      const flow = new HttpFlow(parts, context);
      flow.open(request, sink).catch((failure: unknown) => sink.end(failure));
      return flow;
    },
    ...(upstream.background && {
      reattach(handle, context, sink) {
        const flow = new HttpFlow(parts, context, handle);
        const request = { configurationId: "", messages: [] };
        flow.open(request, sink).catch((failure: unknown) => sink.end(failure));
        return flow;
      },
    }),
    async close() {
      quota.close();
      await within(stopTimeoutMs, Promise.all(stopping));
      await dispatcher.destroy();
    },
  };
}

/** Connections to an upstream. Timeouts are ours: the client's own would cut a model that thinks. */
export function createDispatcher(connectTimeoutMs = 10_000): Dispatcher {
  return new Agent({ connect: { timeout: connectTimeoutMs }, headersTimeout: 0, bodyTimeout: 0 });
}

/** One answer: asked for until the upstream has accepted, then read. */
class HttpFlow implements AnswerFlow {
  readonly #parts: Parts;
  readonly #context: ProviderContext;
  #phase: PhaseBegun["phase"] | undefined;
  /** Waits for a head, or has one. */
  #exchange: Pick<UpstreamResponse, "abort" | "resume"> | undefined;
  #cancelled: { readonly reason: unknown } | undefined;
  /** Of an answer in the background. */
  #handle: string | undefined;
  /** Whether the answer is asked for again. */
  readonly #isAgain: boolean;
  #isOver = false;

  /** @param handle Of an answer that is asked for again. */
  constructor(parts: Parts, context: ProviderContext, handle?: string) {
    this.#parts = parts;
    this.#context = context;
    this.#handle = handle;
    this.#isAgain = handle !== undefined;
  }

  resume(): void {
    this.#exchange?.resume();
  }

  /** What waits for something else waits for the context's signal, too. */
  cancel(reason: unknown): void {
    this.#cancelled = { reason };
    // Another relay continues it.
    const isElsewhere = isRelayError(reason) && reason.code === "producer_lost";
    if (this.#handle !== undefined && !this.#isOver && !isElsewhere) this.#stop(this.#handle);
    this.#exchange?.abort(reason);
  }

  /** Without this the upstream would generate, and bill, the rest. */
  #stop(handle: string): void {
    const { upstream, dispatcher, stopping } = this.#parts;
    const url = upstream.background?.stop(handle);
    if (url === undefined) return;
    this.#isOver = true;
    const stopped = (async () => {
      const authorization = await upstream.authorization(this.#context);
      const headers = { ...upstream.headers, ...(authorization && { authorization }) };
      const { body } = await send(url, { dispatcher, method: "POST", headers });
      await body.dump();
      // It ends by itself, sooner or later.
    })().catch(() => {});
    stopping.add(stopped);
    void stopped.then(() => stopping.delete(stopped));
  }

  #throwIfCancelled(): void {
    if (this.#cancelled !== undefined) throw this.#cancelled.reason;
  }

  /** Resolves when the upstream has accepted: then its answer goes into `sink`. */
  async open(request: StreamRequest, sink: AnswerSink): Promise<void> {
    const { quota, settings, upstream } = this.#parts;
    upstream.check?.(request);
    this.#begin("queue");
    const { configurationId, messages } = request;
    const bytes = bytesIn(request);
    const permit = await quota.acquire({ context: this.#context, configurationId, bytes });
    try {
      const response = await this.#askUntilAccepted(request, permit);
      this.#throwIfCancelled();
      sink.accepted();
      const decoder = createAnswerDecoder(mediaTypeOf(response.headers));
      const translator = upstream.createTranslator();
      const onEnd = (): void => {
        this.#isOver = true;
        permit.release();
      };
      const onHandle = (handle: string): void => {
        if (upstream.background === undefined) return;
        this.#handle = handle;
        sink.reattachable?.(handle);
      };
      response.read(
        new AnswerReader({
          response,
          decoder,
          translator,
          limits: settings,
          sink,
          onHandle,
          onEnd,
        }),
      );
    } catch (failure) {
      permit.release();
      throw failure;
    } finally {
      permit.bodySent();
      // The request is referenced for as long as its answer runs.
      if (Array.isArray(messages)) messages.length = 0;
    }
  }

  /**
   * Asks until the upstream has accepted, as long as it fails with what may pass, and tries and time are
   * left.
   */
  async #askUntilAccepted(request: StreamRequest, permit: Permit): Promise<UpstreamResponse> {
    const { handshakeTries, handshakeDeadlineMs } = this.#parts.settings;
    const { streamId, observe } = this.#context;
    const deadline = performance.now() + handshakeDeadlineMs;
    let last: TransientError | undefined;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const withinMs = last === undefined ? Infinity : deadline - performance.now();
        const response = await this.#try(request, permit, withinMs);
        const id = correlationId(response.headers);
        const found = id === undefined ? {} : { correlationId: id };
        observe({ type: "upstream_answered", streamId, attempts: attempt, ...found });
        return response;
      } catch (failure) {
        if (!(failure instanceof TransientError)) {
          // Of a further try that got no slot in time, what caused it says more.
          const hasNoSlot = isRelayError(failure) && failure.code === "overloaded";
          throw hasNoSlot ? (last ?? failure) : failure;
        }
        last = failure;
        const { retryAfterMs = 0 } = failure;
        if (failure.code === "gateway_rate_limited") permit.refused(retryAfterMs);
        const waitMs = retryDelayMs(attempt, retryAfterMs, Math.random);
        const isLast = attempt >= handshakeTries || performance.now() + waitMs > deadline;
        const wait = isLast ? {} : { waitMs };
        observe({ type: "attempt_failed", streamId, attempt, error: failure, ...wait });
        if (isLast) throw failure;
        // What comes between two tries belongs to the gateway's acceptance.
        this.#begin("handshake");
        const { signal } = this.#context;
        // The sleep's own AbortError would hide why.
        await sleep(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted());
      }
    }
  }

  /** One try, and once more where the upstream has learnt from a refusal. */
  async #try(request: StreamRequest, permit: Permit, withinMs: number): Promise<UpstreamResponse> {
    const { upstream, settings } = this.#parts;
    for (let isFirst = true; ; isFirst = false) {
      this.#begin("access_token");
      const given = upstream.authorization(this.#context);
      const authorization = typeof given === "string" ? given : await given;
      this.#throwIfCancelled();
      if (!permit.hasSlot) this.#begin("queue");
      await permit.turn(withinMs);
      this.#throwIfCancelled();
      this.#begin("handshake");
      try {
        const response = await this.#ask(request, authorization, permit);
        const { status, headers } = response;
        if (status === 200 && mediaTypeOf(headers) !== "text/html") return response;
        const text = await readRefusalText(response);
        if (isFirst && upstream.learnsFrom({ authorization, status, text })) continue;
        throw refusalError(text, response);
      } catch (failure) {
        // A request that may have been taken is not sent again, unless the operator wants it.
        const isUnanswered = failure instanceof TransientError && failure.isUnanswered;
        throw isUnanswered && !settings.retryUnanswered ? unanswered(failure) : failure;
      }
    }
  }

  async #ask(
    asked: StreamRequest,
    authorization: string,
    permit: Permit,
  ): Promise<UpstreamResponse> {
    const { upstream, dispatcher, settings, quota } = this.#parts;
    const headers: Record<string, string> = {
      ...this.#context.traceHeaders,
      "content-type": "application/json",
      accept: "application/x-ndjson, text/event-stream",
      ...upstream.headers,
    };
    if (authorization !== "") headers["authorization"] = authorization;
    const again = this.#isAgain ? upstream.background?.again(this.#handle ?? "") : undefined;
    const exchange = new Exchange(dispatcher, {
      ...(again === undefined
        ? { url: upstream.url, body: Buffer.from(JSON.stringify(upstream.bodyOf(asked))) }
        : { url: again, method: "GET", body: new Uint8Array() }),
      headers,
      limits: settings,
    });
    this.#exchange = exchange;
    const answer = await exchange.head.catch((failure: unknown) => {
      permit.answered();
      throw failure;
    });
    // How long is in the refusal's body, perhaps.
    if (answer.status !== 429) permit.answered();
    quota.pause(quotaUsedUpForMs(answer.headers));
    const response = unpacked(answer);
    this.#exchange = response;
    return response;
  }

  /** Notifies the observer of a phase that differs from the previous one. */
  #begin(phase: PhaseBegun["phase"]): void {
    if (phase === this.#phase) return;
    this.#phase = phase;
    const { streamId, observe } = this.#context;
    observe({ type: "phase_begun", streamId, phase });
  }
}
