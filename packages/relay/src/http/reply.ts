import { type ErrorReply, exposedHeaders, requestIdHeader } from "@gatestream/protocol";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AllowedOrigin } from "../access/origins.ts";
import { type RelayError, describeError } from "../errors.ts";

type Headers = Readonly<Record<string, string | number>>;

/** Sends what is no stream, at once. Does nothing for a reader who has gone, or has been answered. */
export function reply(
  response: ServerResponse,
  status: number,
  { contentType, body }: { readonly contentType: string; readonly body: string },
  headers: Headers = {},
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    "Content-Type": contentType,
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    ...headers,
  });
  response.end(body);
}

const contentType = "application/json; charset=utf-8";

/** Answers with a JSON value. */
export function replyWithJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers?: Headers,
): void {
  reply(response, status, { contentType, body: JSON.stringify(value) }, headers);
}

/** Answers with what is JSON already. */
export function replyWithJsonText(response: ServerResponse, body: string, headers: Headers): void {
  reply(response, 200, { contentType, body }, headers);
}

/** Answers that it is done, or that there is nothing. */
export function replyWithNothing(response: ServerResponse, requestId: string): void {
  if (response.destroyed) return;
  response.writeHead(204, { "Cache-Control": "no-store", [requestIdHeader]: requestId });
  response.end();
}

/** Answers with a refusal: PROTOCOL.md, "Errors". */
export function replyWithError(
  response: ServerResponse,
  error: RelayError,
  requestId: string,
): void {
  const refusal: ErrorReply = { error: describeError(error, requestId) };
  const { retryAfterMs } = refusal.error;
  replyWithJson(response, error.status, refusal, {
    ...error.headers,
    [requestIdHeader]: requestId,
    ...retryAfter(retryAfterMs),
  });
}

/** The header that says when to try again, where that is known. */
export function retryAfter(ms: number | undefined): Headers {
  return ms === undefined ? {} : { "Retry-After": Math.ceil(ms / 1000) };
}

/** Lets a page of another origin read the response: the Fetch Standard, "CORS protocol". */
export function grantCors(
  response: ServerResponse,
  { origin, withCredentials }: AllowedOrigin,
): void {
  response.setHeader("Access-Control-Allow-Origin", origin);
  // Headers for one origin must not be cached for another.
  response.appendHeader("Vary", "Origin");
  if (withCredentials) response.setHeader("Access-Control-Allow-Credentials", "true");
  response.setHeader("Access-Control-Expose-Headers", exposedHeaders.join(", "));
}

/** How long browsers may remember a preflight's answer; none remembers longer than Chromium's two hours. */
const preflightMaxAgeSeconds = 7_200;

/** Answers the preflight of a request that is not simple. */
export function answerPreflight(
  { headers }: IncomingMessage,
  response: ServerResponse,
  methods: readonly string[],
): void {
  const asked = headers["access-control-request-headers"];
  response.appendHeader("Vary", "Access-Control-Request-Headers");
  response.writeHead(204, {
    "Access-Control-Allow-Methods": methods.join(", "),
    // The page's origin is trusted: so are the headers that its own sign-in may need.
    ...(asked !== undefined && { "Access-Control-Allow-Headers": asked }),
    "Access-Control-Max-Age": preflightMaxAgeSeconds,
    "Content-Length": 0,
  });
  response.end();
}
