import type { IncomingMessage } from "node:http";
import { RelayError } from "@gatestream/relay/parts";

/**
 * Browsers send cookies with cross-site requests, so a request that changes something must name its
 * origin. Whether that origin is allowed was checked before.
 *
 * @throws RelayError `forbidden` when it names none.
 */
export function requireOrigin({ method, headers }: IncomingMessage): void {
  // A WebSocket handshake is a GET, but its frames start streams.
  const isReading = (method === "GET" || method === "HEAD") && headers.upgrade === undefined;
  if (isReading || headers["sec-fetch-site"] === "same-origin") return;
  // Browsers send "null" for opaque origins.
  if (headers.origin !== undefined && headers.origin !== "null") return;
  throw new RelayError(
    "forbidden",
    "A request whose token is in a cookie must say where it comes from: send Sec-Fetch-Site or Origin, as browsers do, or send the token in the header Authorization.",
  );
}
