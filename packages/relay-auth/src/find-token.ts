import type { IncomingMessage } from "node:http";
import { cookieValues } from "./cookies.ts";
import { requireOrigin } from "./cross-site.ts";
import { invalidToken, malformedToken, missingToken } from "./refusals.ts";

/** More than issuers make; each is bytes, since other characters are refused. */
const maxTokenBytes = 8 * 1024;

/** JWS Compact Serialization; an unsecured JWT has nothing after the second point. */
const tokenSyntax = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/**
 * The token that a request carries: in `Authorization`, else in the cookie `cookieName`; an empty
 * name is no cookie.
 *
 * @throws RelayError `unauthorized` when there is none or it cannot be one; `forbidden` when a cookie
 *   holds it and the request does not say where it comes from.
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
  // Which one a neighbouring site has set cannot be told.
  if (others.length > 0) {
    throw invalidToken("The cookie with the token came more than once: remove all but one.");
  }
  if (token !== undefined) requireOrigin(request);
  return token;
}
