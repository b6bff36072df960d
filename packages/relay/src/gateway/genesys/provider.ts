import type { StreamRequest } from "@gatestream/protocol";
import { Agent } from "undici";
import { createLineDecoder } from "../line-decoder.ts";
import { fetchAccessToken } from "../oauth/token-endpoint.ts";
import { createTokenCache } from "../oauth/token-cache.ts";
import { openUpstream, type RetrySettings } from "../open-upstream.ts";
import type { Answer, Provider, ProviderContext } from "../provider.ts";
import { readRefusal, refusalError, unexpectedAnswer } from "../refusal.ts";
import { headerValue } from "../retry-after.ts";
import { createSseDecoder } from "../sse-decoder.ts";
import { callUpstream, type UpstreamResponse } from "../upstream-call.ts";
import { answerEvents, type AnswerLimits } from "./answer-events.ts";
import { genesysHosts } from "./hosts.ts";

/** Where the gateway is and who asks. */
export interface GenesysOptions {
  /** The OAuth client of grant type "Client Credentials". Never sent to a browser. */
  readonly clientId: string;
  readonly clientSecret: string;
  /**
   * A region host (`mypurecloud.de`), API host (`api.mypurecloud.de`) or AWS region name
   * (`eu-central-1`). Needed unless both URLs are given.
   */
  readonly environment?: string;
  /** Origin of the token endpoint. @defaultValue `https://login.{environment}` */
  readonly loginUrl?: string;
  /** Origin of the gateway. @defaultValue `https://api.{environment}` */
  readonly apiUrl?: string;
  /** @defaultValue `/api/v2/ai/llm/gateway/chat` */
  readonly gatewayPath?: string;
  /** Asked for with the token. @defaultValue none */
  readonly scope?: string;
}

export const defaultGatewayPath = "/api/v2/ai/llm/gateway/chat";

/** Bounds of one exchange with the gateway. */
export interface GatewaySettings extends RetrySettings, AnswerLimits {
  readonly connectTimeoutMs: number;
  readonly firstByteTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly totalTimeoutMs: number;
  readonly maxLineBytes: number;
}

/** The Genesys Cloud LLM Gateway as integrators describe it: PROTOCOL.md, "Gateway side". */
export function createGenesysProvider(
  options: GenesysOptions,
  settings: GatewaySettings,
): Provider {
  const hosts = genesysHosts(options.environment ?? "");
  const chatUrl = new URL(
    options.gatewayPath ?? defaultGatewayPath,
    options.apiUrl ?? hosts.apiUrl,
  );
  // Timeouts are ours: the client's own would cut a model that thinks for minutes.
  const dispatcher = new Agent({
    connect: { timeout: settings.connectTimeoutMs },
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const closing = new AbortController();
  const tokens = createTokenCache({
    fetchToken: () =>
      fetchAccessToken(
        {
          dispatcher,
          url: new URL("/oauth/token", options.loginUrl ?? hosts.loginUrl),
          clientId: options.clientId,
          clientSecret: options.clientSecret,
          scope: options.scope,
          timeoutMs: settings.handshakeDeadlineMs,
        },
        closing.signal,
      ),
  });

  async function post(body: string, token: string, signal: AbortSignal) {
    return await callUpstream(dispatcher, {
      url: chatUrl,
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        accept: "application/x-ndjson, text/event-stream",
      },
      body,
      signal,
      firstByteTimeoutMs: settings.firstByteTimeoutMs,
      idleTimeoutMs: settings.idleTimeoutMs,
      totalTimeoutMs: settings.totalTimeoutMs,
    });
  }

  /** One try; a refused token is replaced once, because it may have been revoked. */
  async function ask(body: string, signal: AbortSignal): Promise<UpstreamResponse> {
    const token = await tokens.get(signal);
    const response = await post(body, token, signal);
    if (response.status !== 401) return response;
    await readRefusal(response);
    tokens.reject(token);
    return await post(body, await tokens.get(signal), signal);
  }

  async function open(request: StreamRequest, context: ProviderContext): Promise<Answer> {
    const { signal, streamId, observe } = context;
    const { configurationId, messages } = request;
    const body = JSON.stringify({ configurationId, input: { messages }, stream: true });
    return await openUpstream(
      async (attempts) => {
        const response = await ask(body, signal);
        const decoder = await acceptAnswer(response);
        const correlationId = headerValue(response.headers, "inin-correlation-id");
        observe({
          type: "upstream_answered",
          streamId,
          attempts,
          ...(correlationId === undefined ? {} : { correlationId }),
        });
        return answerEvents(response.body, decoder, settings);
      },
      settings,
      {
        signal,
        onFailure: (attempt, error, waitMs) =>
          observe({
            type: "attempt_failed",
            streamId,
            attempt,
            error,
            ...(waitMs === undefined ? {} : { waitMs }),
          }),
      },
    );
  }

  /** The decoder that fits an answer, or what is wrong with it. */
  async function acceptAnswer(response: UpstreamResponse) {
    if (response.status >= 300) throw refusalError(await readRefusal(response), response);
    const contentType = headerValue(response.headers, "content-type");
    const mediaType = contentType?.split(";")[0]?.trim().toLowerCase();
    if (response.status !== 200 || mediaType === "text/html") {
      const what = mediaType === "text/html" ? "an HTML page" : `status ${response.status}`;
      throw unexpectedAnswer(await readRefusal(response), what);
    }
    return mediaType === "text/event-stream"
      ? createSseDecoder(settings)
      : createLineDecoder(settings);
  }

  return {
    name: "genesys",
    open,
    async close() {
      closing.abort();
      await dispatcher.destroy();
    },
  };
}
