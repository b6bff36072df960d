import type { IncomingMessage } from "node:http";
import { RelayError } from "../errors.ts";

/** @throws RelayError `forbidden`, with status 421, for a request that is meant for another host. */
export type CheckHost = (request: IncomingMessage) => void;

const loopbackHost = /^(?:(?:[\w-]+\.)*localhost\.?|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

/**
 * Takes only requests whose `Host` is a loopback name. Without it, a hostile page whose own name is
 * made to point at 127.0.0.1 (DNS rebinding) could use and read a relay without authentication.
 */
export const requireLoopbackHost: CheckHost = ({ headers }) => {
  // Browsers always send it; HTTP/1.0 clients need not.
  if (headers.host === undefined || loopbackHost.test(headers.host)) return;
  throw new RelayError(
    "forbidden",
    "Without authentication this relay takes requests for localhost only. Its operator can set auth, or trustedProxies for a proxy in front of it.",
    { status: 421 },
  );
};
