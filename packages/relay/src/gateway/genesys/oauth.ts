import type { Dispatcher } from "undici";
import { RelayError, isRelayError } from "../../errors.ts";
import { parseObject } from "../../json.ts";
import { callUpstream } from "../post.ts";
import { readRefusal, readText, unavailability } from "../refusal.ts";
import { TransientError } from "../retry.ts";

export interface AccessToken {
  readonly value: string;
  readonly expiresInMs: number;
}

export interface TokenCacheOptions {
  /** Gets a token; the cache calls it for everybody at once. */
  readonly fetchToken: () => Promise<AccessToken>;
  /** Milliseconds. @defaultValue `performance.now` */
  readonly now?: () => number;
  /** A number from 0 up to 1. @defaultValue `Math.random` */
  readonly random?: () => number;
}

/** A token is renewed at about this part of its life, and at least this early. */
const renewAt = 0.9;
const renewAtLeastMs = 5_000;
const jitter = 0.05;
/** After a renewal that failed, in milliseconds. */
const renewAgainMs = 1_000;

/**
 * One token for all: any number of callers share one fetch, and a token near its end is renewed in
 * the background while it still serves. A caller that leaves does not disturb the others' fetch.
 */
export function createTokenCache(options: TokenCacheOptions) {
  const { fetchToken, now = () => performance.now(), random = Math.random } = options;
  let held: { value: string; renewAfter: number; expiresAt: number } | undefined;
  let fetching: Promise<string> | undefined;

  function fetchOnce(): Promise<string> {
    fetching ??= fetchToken()
      .then(({ value, expiresInMs }) => {
        // A life too short for the usual margin is used up to its half, then renewed.
        const marginMs = Math.max(expiresInMs * (1 - renewAt), renewAtLeastMs);
        const usableMs = Math.max(expiresInMs - marginMs, expiresInMs / 2);
        held = {
          value,
          renewAfter: now() + usableMs * (1 - jitter * random()),
          // A request needs a moment to arrive: the last part of a life is never used.
          expiresAt: now() + (expiresInMs + usableMs) / 2,
        };
        return value;
      })
      .finally(() => {
        fetching = undefined;
      });
    return fetching;
  }

  return {
    /** A token that is not about to expire; who has to wait for one waits until `signal` is aborted. */
    get(waiting: { readonly signal: AbortSignal }): string | Promise<string> {
      const token = held;
      if (token === undefined || now() >= token.expiresAt) {
        return untilAborted(fetchOnce(), waiting.signal);
      }
      if (now() >= token.renewAfter) {
        fetchOnce().catch(() => {
          // It is still valid; after it expires, callers get the failure.
          token.renewAfter = now() + renewAgainMs;
        });
      }
      return token.value;
    },
    /** Forgets `value` after the gateway has refused it; a newer one stays. */
    reject(value: string): void {
      if (held?.value === value) held = undefined;
    },
  };
}

export interface TokenEndpointOptions {
  readonly dispatcher: Dispatcher;
  /** `{login}/oauth/token`. */
  readonly url: URL;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string | undefined;
  /** For one whole exchange, in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Gets an access token with the client's credentials (RFC 6749, "Client Credentials Grant").
 *
 * @throws RelayError `gateway_auth_failed` when the credentials are refused.
 * @throws TransientError when the endpoint is busy or away.
 */
export async function fetchAccessToken(
  options: TokenEndpointOptions,
  signal: AbortSignal,
): Promise<AccessToken> {
  const { dispatcher, url, clientId, clientSecret, scope, timeoutMs } = options;
  const form = new URLSearchParams({ grant_type: "client_credentials", ...(scope && { scope }) });
  const credentials = Buffer.from(`${clientId}:${clientSecret}`).toString("base64");
  const request = {
    url,
    headers: {
      authorization: `Basic ${credentials}`,
      "content-type": "application/x-www-form-urlencoded",
      accept: "application/json",
    },
    body: Buffer.from(form.toString()),
    limits: {
      firstByteTimeoutMs: timeoutMs,
      idleTimeoutMs: timeoutMs,
      totalTimeoutMs: timeoutMs,
    },
  };
  const response = await callUpstream(dispatcher, request, signal).catch((cause: unknown) => {
    // The exchange's own timeouts name the chat; a connect timeout is passed on unchanged.
    const isOverdue = isRelayError(cause) && cause.code === "gateway_timeout";
    if (!isOverdue || cause instanceof TransientError) throw cause;
    const message = `The gateway took longer than ${timeoutMs} ms to give a token (handshakeDeadlineMs).`;
    throw new RelayError("gateway_timeout", message, { cause });
  });
  if (response.status !== 200) {
    const refusal = await readRefusal(response);
    const code = refusal.code === undefined ? "" : ` (${refusal.code})`;
    const message = `The gateway refused the relay's credentials${code}.`;
    throw (
      unavailability(refusal, response) ??
      new RelayError("gateway_auth_failed", message, { cause: refusal })
    );
  }
  const { access_token: value, expires_in: seconds } =
    parseObject(await readText(response, timeoutMs)) ?? {};
  if (typeof value !== "string" || value === "") {
    throw new RelayError("gateway_auth_failed", "The gateway's token endpoint gave no token.");
  }
  // Without a stated life (it is only recommended) a token is renewed after an hour.
  const isStated = typeof seconds === "number" && Number.isFinite(seconds);
  return { value, expiresInMs: isStated ? seconds * 1000 : 3_600_000 };
}

/** Waits for `promise`, or rejects with the signal's reason when that comes first. */
export function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
