import type { IncomingMessage } from "node:http";
import { RelayError } from "@gatestream/relay/parts";
import { invalidToken, malformedToken, missingToken } from "./refusals.ts";

/** Larger than the tokens of common issuers; one character is one byte, as others are refused. */
const maxTokenBytes = 8 * 1024;

/** JWS Compact Serialization; an unsecured JWT has no signature after the second dot. */
const tokenSyntax = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/**
 * The token of a request: from `Authorization`, otherwise from the cookie `cookieName`; with an empty
 * name no cookie is read.
 *
 * @throws RelayError `unauthorized` when there is none or it is malformed; `forbidden` when it is in a
 *   cookie and the request does not name its origin.
 */
export function findToken(request: IncomingMessage, cookieName: string): string {
  const token = bearerToken(request) ?? cookieToken(request, cookieName);
  if (token === undefined || token === "") throw missingToken();
  if (token.length > maxTokenBytes) {
    throw invalidToken(`The token must not be longer than ${maxTokenBytes} bytes.`);
  }
  if (!tokenSyntax.test(token)) throw invalidToken(malformedToken);
  return token;
}

function bearerToken({ headers }: IncomingMessage): string | undefined {
  return /^bearer(?: +|$)(.*)$/is.exec(headers.authorization ?? "")?.[1];
}

function cookieToken(request: IncomingMessage, name: string): string | undefined {
  if (name === "") return undefined;
  const [token, ...others] = cookieValues(request.headers.cookie ?? "", name);
  // A sibling domain may have set one of them.
  if (others.length > 0) {
    throw invalidToken("The cookie with the token came more than once: remove all but one.");
  }
  if (token !== undefined) requireOrigin(request);
  return token;
}

/**
 * The values of all cookies `name` in a `Cookie` header. Only spaces and tabs are trimmed: a parser
 * that trims more would accept a cookie with another name, which a sibling domain could set.
 */
export function cookieValues(header: string, name: string): string[] {
  return header.split(";").flatMap((pair) => {
    const separator = pair.indexOf("=");
    if (separator === -1 || trimmed(pair.slice(0, separator)) !== name) return [];
    const value = trimmed(pair.slice(separator + 1));
    return [/^".*"$/s.test(value) ? value.slice(1, -1) : value];
  });
}

/** Not one regular expression: for trailing blanks it takes quadratic time for blanks in the middle. */
function trimmed(text: string): string {
  let end = text.length;
  while (end > 0 && " \t".includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end).replace(/^[ \t]+/, "");
}

/**
 * Browsers send cookies with cross-site requests, so a request that changes something must name its
 * origin. Whether that origin is allowed was checked before.
 *
 * @throws RelayError `forbidden` when it names none.
 */
function requireOrigin({ method, headers }: IncomingMessage): void {
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
