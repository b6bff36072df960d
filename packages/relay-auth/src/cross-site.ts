import type { IncomingMessage } from "node:http";
import { RelayError } from "@gatestream/relay/parts";

/**
 * Browsers send cookies with requests that another site has made, so a request that does something
 * says where it comes from. Whether that origin is allowed has been decided before.
 *
 * @throws RelayError `forbidden` when it does not say.
 */
export function requireOrigin({ method, headers }: IncomingMessage): void {
  // The handshake of a WebSocket is a GET, but what comes over it is not reading.
  const isReading = (method === "GET" || method === "HEAD") && headers.upgrade === undefined;
  if (isReading || headers["sec-fetch-site"] === "same-origin") return;
  // "null" is what a page says that hides where it comes from.
  if (headers.origin !== undefined && headers.origin !== "null") return;
  throw new RelayError(
    "forbidden",
    "A request whose token is in a cookie must say where it comes from: send Sec-Fetch-Site or Origin, as browsers do, or send the token in the header Authorization.",
  );
}
