import { RelayError } from "@gatestream/relay/parts";
import { errors } from "jose";

/** RFC 6750, "The WWW-Authenticate Response Header Field". */
const realm = 'Bearer realm="gatestream"';

/** What is said of anything that cannot be read. */
export const malformedToken = "The token cannot be read: it must be a signed JWT.";

/** Nobody has said who they are. */
export function missingToken(): RelayError {
  return new RelayError(
    "unauthorized",
    "A token is missing: send it in the header Authorization, after the word Bearer.",
    { headers: { "WWW-Authenticate": realm } },
  );
}

/** `message` goes into a header too: ASCII, without quotes and backslashes. */
export function invalidToken(message: string, cause?: unknown): RelayError {
  const challenge = `${realm}, error="invalid_token", error_description="${message}"`;
  return new RelayError("unauthorized", message, {
    cause,
    headers: { "WWW-Authenticate": challenge },
  });
}

/** Whoever it is may not do this; `scopes` is what they need. The message is as above. */
export function insufficientScope(message: string, scopes: readonly string[]): RelayError {
  const needed = scopes.length > 0 ? `, scope="${scopes.join(" ")}"` : "";
  const challenge = `${realm}, error="insufficient_scope", error_description="${message}"${needed}`;
  return new RelayError("forbidden", message, { headers: { "WWW-Authenticate": challenge } });
}

/** The keys that tokens are checked with are not at hand: no fault of whoever asks. */
export function cannotCheck(cause: unknown, retryAfterMs?: number): RelayError {
  return new RelayError("overloaded", "Who calls cannot be checked at the moment.", {
    cause,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** Why a token was not taken, without anything that it says. */
export function refusalOf(failure: unknown): RelayError {
  // The issuer publishes a key that no token can be checked with, such as a short or a private one.
  if (!(failure instanceof errors.JOSEError) || failure instanceof errors.JWKSInvalid) {
    return cannotCheck(failure);
  }
  return invalidToken(sentenceFor(failure), withoutClaims(failure));
}

function sentenceFor(failure: errors.JOSEError): string {
  if (failure instanceof errors.JWTExpired) return "The token has expired.";
  if (failure instanceof errors.JWTClaimValidationFailed) return sentenceForClaim(failure);
  switch (failure.code) {
    case "ERR_JOSE_ALG_NOT_ALLOWED":
      return "The token is signed with an algorithm that is not taken here.";
    case "ERR_JWKS_NO_MATCHING_KEY":
      return "The token is signed with a key that is not known here.";
    case "ERR_JWS_SIGNATURE_VERIFICATION_FAILED":
      return "The token's signature does not fit: it was changed, or signed with another key.";
    default:
      return malformedToken;
  }
}

function sentenceForClaim({ claim, reason }: errors.JWTClaimValidationFailed): string {
  if (claim === "exp" && reason === "missing") {
    return "The token never expires: it must have the claim exp.";
  }
  if (reason === "missing") return `The token lacks the claim ${claim}.`;
  if (reason === "invalid") return `The token's claim ${claim} must be a number.`;
  switch (claim) {
    case "nbf":
      return "The token is not valid yet.";
    case "iss":
      return "The token is from another issuer than it must be.";
    case "typ":
      return "The token is of another type than it must be.";
    case "aud":
      return "The token is for another audience.";
    default:
      return `The token's claim ${claim} is not as it must be.`;
  }
}

/** Errors of jose carry the claims; and this one's message repeats the token's header. */
function withoutClaims(failure: errors.JOSEError): Error {
  const { code, message } = failure;
  return new Error(failure instanceof errors.JOSENotSupported ? code : `${code}: ${message}`);
}
