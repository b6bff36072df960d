import { type ErrorReply, exposedHeaders, headerNames } from "@gatestream/protocol";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type RelayError, describeError } from "../errors.ts";

/** What is no stream: the whole reply at once. */
export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string | number>>;
}

/** Does nothing for a reader who has gone, or who has been answered. */
export function reply(
  response: ServerResponse,
  { status, contentType, body, headers }: Reply,
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

/** Answers with a JSON value. */
export function replyWithJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Reply["headers"] = {},
): void {
  reply(response, { status, contentType: jsonType, body: JSON.stringify(value), headers });
}

/** Answers that it is done, or that there is nothing. */
export function replyWithNothing(response: ServerResponse, requestId: string): void {
  if (response.destroyed) return;
  response.writeHead(204, { "Cache-Control": "no-store", [headerNames.requestId]: requestId });
  response.end();
}

const jsonType = "application/json; charset=utf-8";

/** Answers with a refusal: PROTOCOL.md, "Errors". */
export function replyWithError(
  response: ServerResponse,
  error: RelayError,
  requestId: string,
): void {
  const refusal: ErrorReply = { error: describeError(error, requestId) };
  const { retryAfterMs } = refusal.error;
  reply(response, {
    status: error.status,
    contentType: jsonType,
    body: JSON.stringify(refusal),
    headers: {
      ...error.headers,
      [headerNames.requestId]: requestId,
      ...(retryAfterMs === undefined ? {} : { "Retry-After": Math.ceil(retryAfterMs / 1000) }),
    },
  });
}

/** What a page of another origin may do: the Fetch Standard, "CORS protocol". */
export interface CorsGrant {
  /** The page's origin, or `*`. */
  readonly origin: string;
  readonly withCredentials: boolean;
}

/** How long browsers may remember a preflight's answer; none remembers longer than Chromium's two hours. */
const preflightMaxAgeSeconds = 7_200;

/** Lets the page read the response, whatever it will be. */
export function grantCors(response: ServerResponse, { origin, withCredentials }: CorsGrant): void {
  response.setHeader("Access-Control-Allow-Origin", origin);
  // Headers for one origin must not be cached for another.
  response.appendHeader("Vary", "Origin");
  if (withCredentials) response.setHeader("Access-Control-Allow-Credentials", "true");
  response.setHeader("Access-Control-Expose-Headers", exposedHeaders.join(", "));
}

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
