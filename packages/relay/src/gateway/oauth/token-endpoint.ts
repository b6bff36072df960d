import type { Dispatcher } from "undici";
import { isRelayError, RelayError } from "../../errors.ts";
import { parseObject } from "../decode/json-values.ts";
import { readText } from "../handshake/read-text.ts";
import { readRefusal, unavailability } from "../handshake/refusal.ts";
import { TransientError } from "../handshake/transient-error.ts";
import { callUpstream } from "../handshake/upstream-call.ts";
import type { AccessToken } from "./token-cache.ts";

export interface TokenEndpointOptions {
  readonly dispatcher: Dispatcher;
  /** `{login}/oauth/token`. */
  readonly url: URL;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string | undefined;
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
  const response = await callUpstream(dispatcher, {
    url,
    headers: {
      authorization: `Basic ${credentials}`,
      "content-type": "application/x-www-form-urlencoded",
      accept: "application/json",
    },
    body: Buffer.from(form.toString()),
    signal,
    firstByteTimeoutMs: timeoutMs,
    idleTimeoutMs: timeoutMs,
    totalTimeoutMs: timeoutMs,
  }).catch((failure: unknown) => {
    throw isOverdue(failure) ? tokenTimeout(timeoutMs, failure) : failure;
  });
  if (response.status !== 200) {
    const refusal = await readRefusal(response);
    const passing = unavailability(refusal, response);
    if (passing) throw passing;
    const code = refusal.code === undefined ? "" : ` (${refusal.code})`;
    throw new RelayError(
      "gateway_auth_failed",
      `The gateway refused the relay's credentials${code}.`,
      { cause: refusal },
    );
  }
  return readToken(await readText(response, { maxBytes: 64 * 1024, timeoutMs }));
}

/** The exchange's own deadlines are named for the chat; one to connect is told as it is. */
function isOverdue(failure: unknown): boolean {
  const isTransient = failure instanceof TransientError;
  return isRelayError(failure) && failure.code === "gateway_timeout" && !isTransient;
}

function tokenTimeout(timeoutMs: number, cause: unknown): RelayError {
  const message = `The gateway took longer than ${timeoutMs} ms to give a token (handshakeDeadlineMs).`;
  return new RelayError("gateway_timeout", message, { cause });
}

function readToken(text: string): AccessToken {
  const { access_token: value, expires_in: seconds } = parseObject(text) ?? {};
  if (typeof value !== "string" || value === "") {
    throw new RelayError("gateway_auth_failed", "The gateway's token endpoint gave no token.");
  }
  // Without a stated life (it is only recommended) a token is renewed after an hour.
  const isStated = typeof seconds === "number" && Number.isFinite(seconds);
  return { value, expiresInMs: isStated ? seconds * 1000 : 3_600_000 };
}
