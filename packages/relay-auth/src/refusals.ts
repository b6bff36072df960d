import { RelayError } from "@gatestream/relay/parts";
import { errors } from "jose";

/** RFC 6750, "The WWW-Authenticate Response Header Field". */
const realm = 'Bearer realm="gatestream"';

/** The message for every token that cannot be parsed. */
export const malformedToken = "The token cannot be read: it must be a signed JWT.";

/** The request has no token. */
export function missingToken(): RelayError {
  return new RelayError(
    "unauthorized",
    "A token is missing: send it in the header Authorization, after the word Bearer.",
    { headers: { "WWW-Authenticate": realm } },
  );
}

/** `message` is also sent in a header: ASCII, without quotes and backslashes. */
export function invalidToken(message: string, cause?: unknown): RelayError {
  const challenge = `${realm}, error="invalid_token", error_description="${message}"`;
  return new RelayError("unauthorized", message, {
    cause,
    headers: { "WWW-Authenticate": challenge },
  });
}

/** The token is valid, but lacks a claim or scope; `scopes` are those required. */
export function insufficientScope(message: string, scopes: readonly string[]): RelayError {
  const needed = scopes.length > 0 ? `, scope="${scopes.join(" ")}"` : "";
  const challenge = `${realm}, error="insufficient_scope", error_description="${message}"${needed}`;
  return new RelayError("forbidden", message, { headers: { "WWW-Authenticate": challenge } });
}

/** The keys to verify tokens with are not available: not the fault of the caller. */
export function cannotCheck(cause: unknown, retryAfterMs?: number): RelayError {
  return new RelayError("overloaded", "Who calls cannot be checked at the moment.", {
    cause,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** Why a token was refused, without its contents. */
export function refusalOf(failure: unknown): RelayError {
  // The issuer publishes an unusable key, such as a short or a private one.
  if (!(failure instanceof errors.JOSEError) || failure instanceof errors.JWKSInvalid) {
    return cannotCheck(failure);
  }
  return invalidToken(sentenceFor(failure), withoutClaims(failure));
}

/** By the code of jose's error. */
const sentences: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: "The token has expired.",
  ERR_JOSE_ALG_NOT_ALLOWED: "The token is signed with an algorithm that is not taken here.",
  ERR_JWKS_NO_MATCHING_KEY: "The token is signed with a key that is not known here.",
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED:
    "The token's signature does not fit: it was changed, or signed with another key.",
};

/** By the claim whose value is refused. */
const claimSentences: Readonly<Record<string, string>> = {
  nbf: "The token is not valid yet.",
  iss: "The token is from another issuer than it must be.",
  typ: "The token is of another type than it must be.",
  aud: "The token is for another audience.",
};

function sentenceFor(failure: errors.JOSEError): string {
  const isAboutClaim = failure instanceof errors.JWTClaimValidationFailed;
  if (!isAboutClaim) return sentences[failure.code] ?? malformedToken;
  const { claim, reason } = failure;
  if (reason === "missing" && claim === "exp") {
    return "The token never expires: it must have the claim exp.";
  }
  if (reason === "missing") return `The token lacks the claim ${claim}.`;
  if (reason === "invalid") return `The token's claim ${claim} must be a number.`;
  return claimSentences[claim] ?? `The token's claim ${claim} is not as it must be.`;
}

/** Errors of jose hold the claims, and the message of JOSENotSupported repeats the token's header. */
function withoutClaims(failure: errors.JOSEError): Error {
  const { code, message } = failure;
  return new Error(failure instanceof errors.JOSENotSupported ? code : `${code}: ${message}`);
}
