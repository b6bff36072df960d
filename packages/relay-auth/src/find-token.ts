import type { IncomingMessage } from "node:http";
import { cookieValues } from "./cookies.ts";
import { requireOrigin } from "./cross-site.ts";
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
