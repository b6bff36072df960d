import type { IncomingMessage, ServerResponse } from "node:http";
import { exposedHeaders } from "@gatestream/protocol";

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
  // Nobody may be given what was said to another origin.
  response.appendHeader("Vary", "Origin");
  if (withCredentials) response.setHeader("Access-Control-Allow-Credentials", "true");
  response.setHeader("Access-Control-Expose-Headers", exposedHeaders.join(", "));
}

/** Answers the question that browsers ask before a request that is not simple. */
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
