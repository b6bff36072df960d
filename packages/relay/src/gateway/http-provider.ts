import type { StreamRequest } from "@gatestream/protocol";
import { Agent, type Dispatcher } from "undici";
import { createLineDecoder, type PayloadDecoder } from "./decode/line-decoder.ts";
import { openUpstream, type RetrySettings } from "./handshake/open-upstream.ts";
import type { Answer, Provider, ProviderContext } from "./provider.ts";
import { createQuota, type QuotaSettings } from "./quota/quota.ts";
import { readAnswer, type AnswerLimits, type Translator } from "./decode/read-answer.ts";
import { readRefusal, refusalError, unexpectedAnswer } from "./handshake/refusal.ts";
import { correlationId, headerValue } from "./handshake/response-headers.ts";
import { quotaUsedUpForMs } from "./handshake/retry-after.ts";
import { createSseDecoder } from "./decode/sse-decoder.ts";
import { unpacked } from "./decode/unpack.ts";
import { callUpstream, type UpstreamResponse } from "./handshake/upstream-call.ts";
import { createWithhold, type Withhold } from "./handshake/withhold.ts";
import { createPhases, type Phases } from "./phases.ts";

/** Bounds of what is asked of an upstream. */
export interface UpstreamSettings extends QuotaSettings, RetrySettings, AnswerLimits {
  readonly connectTimeoutMs: number;
  readonly firstByteTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly totalTimeoutMs: number;
  readonly maxLineBytes: number;
}

/** What proves to the upstream who asks. */
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
  createTranslator(limits: AnswerLimits, withhold: Withhold): Translator;
}

export interface HttpProviderParts {
  /** Closed with the provider. */
  readonly dispatcher: Dispatcher;
  readonly settings: UpstreamSettings;
}

/** One stream's way to its upstream. */
interface Handshake {
  readonly body: string;
  readonly contents: readonly string[];
  readonly context: ProviderContext;
  readonly phases: Phases;
  /** Waits for leave to send one request, at most for so many milliseconds. */
  readonly turn: (withinMs: number) => Promise<void>;
  /** Gives the stream's place back. */
  readonly leave: () => void;
}

interface Reply {
  readonly response: UpstreamResponse;
  readonly authorization: string;
  readonly withhold: Withhold;
}

/** What providers over HTTP have in common: the quota, the handshake, deadlines, decoding. */
export function createHttpProvider(upstream: HttpUpstream, parts: HttpProviderParts): Provider {
  const { name, url, credentials } = upstream;
  const { dispatcher, settings } = parts;
  const quota = createQuota(settings);

  async function post(handshake: Handshake, withinMs: number): Promise<Reply> {
    const { body, contents, context, phases, turn } = handshake;
    const { signal, traceHeaders } = context;
    phases.begin("token");
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
      body,
      signal,
      firstByteTimeoutMs: settings.firstByteTimeoutMs,
      idleTimeoutMs: settings.idleTimeoutMs,
      totalTimeoutMs: settings.totalTimeoutMs,
    });
    const response = unpacked(answer);
    quota.pause(quotaUsedUpForMs(response.headers));
    const [, secret = ""] = authorization.split(" ");
    return { response, authorization, withhold: createWithhold({ secrets: [secret], contents }) };
  }

  /** One try; refused credentials are replaced once, because they may have been revoked. */
  async function ask(handshake: Handshake, withinMs: number): Promise<Reply> {
    const reply = await post(handshake, withinMs);
    const { response, authorization, withhold } = reply;
    if (response.status !== 401 || !credentials.reject(authorization)) return reply;
    await readRefusal(response, withhold);
    return await post(handshake, withinMs);
  }

  async function shakeHands(handshake: Handshake): Promise<Answer> {
    const { context, phases, leave } = handshake;
    const { signal, streamId, observe } = context;
    return await openUpstream(
      async (attempts, withinMs) => {
        const { response, withhold } = await ask(handshake, withinMs);
        const decoder = await acceptAnswer(response, settings, withhold);
        const id = correlationId(response.headers);
        observe({
          type: "upstream_answered",
          streamId,
          attempts,
          ...(id === undefined ? {} : { correlationId: id }),
        });
        return readAnswer({
          body: response.body,
          decoder,
          translator: upstream.createTranslator(settings, withhold),
          onEnd: leave,
        });
      },
      settings,
      {
        signal,
        onFailure(attempt, error, waitMs) {
          if (error.code === "gateway_rate_limited") quota.pause(error.retryAfterMs ?? 0);
          const wait = waitMs === undefined ? {} : { waitMs };
          observe({ type: "attempt_failed", streamId, attempt, error, ...wait });
          // What comes between two tries belongs to the gateway's acceptance.
          if (waitMs !== undefined) phases.begin("handshake");
        },
      },
    );
  }

  return {
    name,
    async open(request, context) {
      const phases = createPhases(context);
      phases.begin("queue");
      const place = await quota.enter(context);
      // It came with room for one request.
      let hasRoom = true;
      try {
        return await shakeHands({
          body: JSON.stringify(upstream.bodyOf(request)),
          contents: request.messages.map(({ content }) => content),
          context,
          phases,
          async turn(withinMs) {
            if (!hasRoom) phases.begin("queue");
            await place.turn(withinMs);
            hasRoom = false;
          },
          leave: () => place.leave(),
        });
      } catch (failure) {
        place.leave();
        throw failure;
      }
    },
    async close() {
      quota.close();
      await dispatcher.destroy();
    },
  };
}

/** Connections to an upstream. Timeouts are ours: the client's own would cut a model that thinks. */
export function createDispatcher({ connectTimeoutMs }: UpstreamSettings): Dispatcher {
  return new Agent({ connect: { timeout: connectTimeoutMs }, headersTimeout: 0, bodyTimeout: 0 });
}

/** The decoder that fits an answer, or what is wrong with it. */
async function acceptAnswer(
  response: UpstreamResponse,
  settings: UpstreamSettings,
  withhold: Withhold,
): Promise<PayloadDecoder> {
  if (response.status >= 300) throw refusalError(await readRefusal(response, withhold), response);
  const contentType = headerValue(response.headers, "content-type");
  const mediaType = contentType?.split(";")[0]?.trim().toLowerCase();
  if (response.status !== 200 || mediaType === "text/html") {
    const what = mediaType === "text/html" ? "an HTML page" : `status ${response.status}`;
    throw unexpectedAnswer(await readRefusal(response, withhold), what);
  }
  return mediaType === "text/event-stream"
    ? createSseDecoder(settings)
    : createLineDecoder(settings);
}
