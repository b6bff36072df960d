import type { StreamRequest } from "@gatestream/protocol";
import { Agent, type Dispatcher } from "undici";
import type { PhaseBegun } from "../observe/observer.ts";
import { createAnswerDecoder } from "./decode/answer-decoder.ts";
import { parseJson } from "./decode/json.ts";
import type { PayloadDecoder } from "./decode/lines.ts";
import {
  type AnswerLimits,
  AnswerReader,
  type KeepaliveLimits,
  type Translator,
} from "./decode/read-answer.ts";
import { unpacked } from "./decode/unpack.ts";
import { correlationId, headerValue, quotaUsedUpForMs } from "./headers.ts";
import { type UpstreamResponse, callUpstream } from "./post.ts";
import type { AnswerFlow, AnswerSink, Provider, ProviderContext } from "./provider.ts";
import { type Permit, type QuotaSettings, createQuota } from "./quota/quota.ts";
import {
  GatewayRefusal,
  readRefusal,
  readRefusalText,
  refusalError,
  unanswered,
  unexpectedAnswer,
} from "./refusal.ts";
import { type RetrySettings, TransientError, openUpstream } from "./retry.ts";

/** Bounds of what is asked of an upstream. */
export interface UpstreamSettings
  extends QuotaSettings, RetrySettings, AnswerLimits, KeepaliveLimits {
  readonly connectTimeoutMs: number;
  readonly firstByteTimeoutMs: number;
  readonly totalTimeoutMs: number;
  /** Whether a request that the upstream may have taken is sent again. */
  readonly retryUnanswered: boolean;
}

/** The credentials for the upstream. */
export interface Credentials {
  /** The value of `Authorization`; empty where the upstream wants none. */
  get(signal: AbortSignal): Promise<string>;
  /** The upstream refused `authorization`; true when there may be a better one. */
  reject(authorization: string): boolean;
}

/** In what one HTTP upstream differs from another. */
export interface HttpUpstream {
  readonly name: string;
  readonly url: URL;
  readonly credentials: Credentials;
  /** The request's JSON body. */
  bodyOf(request: StreamRequest): unknown;
  /**
   * Learns from the text of a 400 or 422; true when `bodyOf` gives another body from now on, so
   * that the request is sent once more.
   *
   * @defaultValue nothing is learnt
   */
  changesRequest?(refusal: string): boolean;
  createTranslator(limits: AnswerLimits): Translator;
}

export interface HttpProviderParts {
  /** Closed with the provider. */
  readonly dispatcher: Dispatcher;
  readonly settings: UpstreamSettings;
}

/** One stream until its upstream has accepted. */
interface PendingRequest {
  readonly request: StreamRequest;
  readonly context: Context;
  readonly signal: AbortSignal;
  readonly phases: Phases;
  readonly permit: Permit;
  /** Waits for leave to send one request, at most for so many milliseconds. */
  readonly turn: (withinMs: number) => Promise<void>;
}

interface Reply {
  readonly response: UpstreamResponse;
  readonly authorization: string;
}

/** A provider that pushes. */
export interface HttpProvider extends Provider {
  open(...asked: Parameters<Provider["open"]>): AnswerFlow;
}

/** What providers over HTTP have in common: the quota, the handshake, deadlines, decoding. */
export function createHttpProvider(upstream: HttpUpstream, parts: HttpProviderParts): HttpProvider {
  const { name, url, credentials } = upstream;
  const { dispatcher, settings } = parts;
  const quota = createQuota(settings);

  async function post(pending: PendingRequest, withinMs: number): Promise<Reply> {
    const { request, context, signal, phases, permit, turn } = pending;
    const { traceHeaders } = context;
    phases.begin("access_token");
    const authorization = await credentials.get(signal);
    await turn(withinMs);
    phases.begin("handshake");
    const answer = await callUpstream(dispatcher, {
      url,
      headers: {
        ...traceHeaders,
        ...(authorization === "" ? {} : { authorization }),
        "content-type": "application/json",
        accept: "application/x-ndjson, text/event-stream",
      },
      body: Buffer.from(JSON.stringify(upstream.bodyOf(request))),
      signal,
      firstByteTimeoutMs: settings.firstByteTimeoutMs,
      idleTimeoutMs: settings.idleTimeoutMs,
      totalTimeoutMs: settings.totalTimeoutMs,
    }).catch((failure: unknown) => {
      permit.answered();
      return refuseSecondOrder(failure);
    });
    // How long is in the refusal's body, perhaps.
    if (answer.status !== 429) permit.answered();
    quota.pause(quotaUsedUpForMs(answer.headers));
    const response = unpacked(answer);
    return { response, authorization };
  }

  /** A request that may have been taken is not sent again, unless the operator wants it. */
  function refuseSecondOrder(failure: unknown): never {
    const isUnanswered = failure instanceof TransientError && failure.isUnanswered;
    throw isUnanswered && !settings.retryUnanswered ? unanswered(failure) : failure;
  }

  /** One try. Refused credentials, or a body that is not understood, are replaced once. */
  async function ask(pending: PendingRequest, withinMs: number): Promise<UpstreamResponse> {
    const { response, authorization } = await post(pending, withinMs);
    if (response.status === 401 && credentials.reject(authorization)) {
      await readRefusal(response);
      return (await post(pending, withinMs)).response;
    }
    if (response.status === 400 || response.status === 422) {
      const text = await readRefusalText(response);
      if (upstream.changesRequest?.(text) !== true) {
        throw refusalError(new GatewayRefusal(parseJson(text), response), response);
      }
      return (await post(pending, withinMs)).response;
    }
    return response;
  }

  /** The response of an upstream that has accepted, with the decoder for it. */
  async function requestWithRetry(pending: PendingRequest): Promise<AcceptedAnswer> {
    const { context, signal, phases, permit } = pending;
    const { streamId, observe } = context;
    return await openUpstream(
      async (attempts, withinMs) => {
        const response = await ask(pending, withinMs);
        const decoder = await acceptAnswer(response, settings).catch(refuseSecondOrder);
        const id = correlationId(response.headers);
        observe({
          type: "upstream_answered",
          streamId,
          attempts,
          ...(id === undefined ? {} : { correlationId: id }),
        });
        return { response, decoder };
      },
      settings,
      {
        signal,
        onFailure(attempt, error, waitMs) {
          if (error.code === "gateway_rate_limited") permit.refused(error.retryAfterMs ?? 0);
          const wait = waitMs === undefined ? {} : { waitMs };
          observe({ type: "attempt_failed", streamId, attempt, error, ...wait });
          // What comes between two tries belongs to the gateway's acceptance.
          if (waitMs !== undefined) phases.begin("handshake");
        },
      },
    );
  }

  /** Resolves when the upstream has accepted: then its answer goes into `sink`. */
  async function open(request: StreamRequest, context: Context, call: Call): Promise<void> {
    const { sink } = call;
    const { signal } = call.asking;
    const phases = createPhases(context);
    phases.begin("queue");
    const bytes = request.messages.reduce(
      (sum, { content }) => sum + Buffer.byteLength(content),
      0,
    );
    const { configurationId } = request;
    const { subject, onPosition } = context;
    const permit = await quota.acquire({ subject, configurationId, bytes, signal, onPosition });
    // It came with a slot for one request.
    let hasRoom = true;
    const turn = async (withinMs: number): Promise<void> => {
      if (!hasRoom) phases.begin("queue");
      await permit.turn(withinMs);
      hasRoom = false;
    };
    try {
      const pending = { request, context, signal, phases, permit, turn };
      const { response, decoder } = await requestWithRetry(pending);
      call.response = response;
      if (signal.aborted) response.abort(signal.reason);
      sink.accepted();
      const translator = upstream.createTranslator(settings);
      const { release: onEnd } = permit;
      response.read(
        new AnswerReader({ response, decoder, translator, limits: settings, sink, onEnd }),
      );
    } catch (failure) {
      permit.release();
      throw failure;
    } finally {
      permit.bodySent();
      releaseConversation(request);
    }
  }

  return {
    name,
    open(request, context, sink) {
      const call: Call = { asking: new AbortController(), sink, response: undefined };
      open(request, context, call).catch((failure: unknown) => sink.end(failure));
      return {
        resume: () => call.response?.resume(),
        cancel(reason) {
          if (call.response === undefined) call.asking.abort(reason);
          else call.response.abort(reason);
        },
      };
    },
    async close() {
      quota.close();
      await dispatcher.destroy();
    },
  };
}

/** What is left of a context in requests that are cancelled by their flow. */
type Context = Omit<ProviderContext, "signal">;

/** One stream as its reader's side sees it. */
interface Call {
  readonly sink: AnswerSink;
  /** Aborted to give up before there is a response. */
  readonly asking: AbortController;
  response: UpstreamResponse | undefined;
}

/** What an upstream that has accepted answers with. */
interface AcceptedAnswer {
  readonly response: UpstreamResponse;
  readonly decoder: PayloadDecoder;
}

/** The request is referenced for as long as its answer runs: its large fields are released now. */
function releaseConversation({ messages }: { readonly messages: readonly unknown[] }): void {
  if (Array.isArray(messages)) messages.length = 0;
}

/** Connections to an upstream. Timeouts are ours: the client's own would cut a model that thinks. */
export function createDispatcher({ connectTimeoutMs }: UpstreamSettings): Dispatcher {
  return new Agent({ connect: { timeout: connectTimeoutMs }, headersTimeout: 0, bodyTimeout: 0 });
}

/** The decoder that fits an answer, or what is wrong with it. */
async function acceptAnswer(
  response: UpstreamResponse,
  settings: UpstreamSettings,
): Promise<PayloadDecoder> {
  if (response.status >= 300) throw refusalError(await readRefusal(response), response);
  const contentType = headerValue(response.headers, "content-type");
  const mediaType = contentType?.split(";")[0]?.trim().toLowerCase();
  if (response.status !== 200 || mediaType === "text/html") {
    const what = mediaType === "text/html" ? "an HTML page" : `status ${response.status}`;
    throw unexpectedAnswer(await readRefusal(response), what);
  }
  return createAnswerDecoder(mediaType, settings);
}

export interface Phases {
  begin(phase: PhaseBegun["phase"]): void;
}

/** Notifies the observer of each phase that differs from the previous one. */
export function createPhases({
  streamId,
  observe,
}: Pick<ProviderContext, "streamId" | "observe">): Phases {
  let current: PhaseBegun["phase"] | undefined;
  return {
    begin(phase) {
      if (phase === current) return;
      current = phase;
      observe({ type: "phase_begun", streamId, phase });
    },
  };
}
