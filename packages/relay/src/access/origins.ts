import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { RelayError } from "../errors.ts";

/** What the browser may let a page of another origin do. */
export interface AllowedOrigin {
  /** The page's origin, or `*`. */
  readonly origin: string;
  readonly withCredentials: boolean;
}

/**
 * Looks where a request comes from: undefined for a program, or for a page that came from the
 * relay's own origin.
 *
 * @throws RelayError `forbidden` for a page of an origin that is not allowed.
 */
export type CheckOrigin = (headers: IncomingHttpHeaders) => AllowedOrigin | undefined;

/** @param allowedOrigins Origins as browsers send them, or `*` alone. */
export function createOriginCheck(allowedOrigins: readonly string[]): CheckOrigin {
  const allowed = new Set(allowedOrigins);
  const isOpen = allowed.has("*");
  return (headers) => {
    const { origin } = headers;
    if (origin === undefined || isSameOrigin(origin, headers)) return undefined;
    if (isOpen) return { origin: "*", withCredentials: false };
    if (allowed.has(origin)) return { origin, withCredentials: true };
    throw new RelayError(
      "forbidden",
      "Pages of this origin may not call the relay; its operator can add it to allowedOrigins.",
      { cause: new Error(`The refused Origin is ${printable(origin)}.`) },
    );
  };
}

/** For a log: bounded, and without characters that a log viewer could interpret. */
function printable(text: string): string {
  return text.slice(0, 200).replaceAll(/[^!-~]/g, "?");
}

/**
 * Secure pages send `Sec-Fetch-Site`; otherwise the host is compared. A proxy may
 * have changed the host: then only the browser's header helps.
 */
function isSameOrigin(origin: string, headers: IncomingHttpHeaders): boolean {
  if (headers["sec-fetch-site"] === "same-origin") return true;
  if (!URL.canParse(origin)) return false;
  const { host, hostname, protocol } = new URL(origin);
  return host === headers.host && (protocol === "https:" || isBoundHost(hostname));
}

/**
 * Whether this host cannot be made to resolve to the relay by others. A name over plain HTTP can: a hostile page
 * whose own name is made to point at the relay (DNS rebinding) has the relay's host as its origin.
 */
function isBoundHost(hostname: string): boolean {
  return hostname === "localhost" || hostname.startsWith("[") || /^[\d.]+$/.test(hostname);
}

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
