import { OptionsError, type Authenticate } from "@gatestream/relay/parts";
import { jwtProblems, type JwtSettings } from "./settings.ts";
import { claimedCaller, createRequireClaims } from "./claims.ts";
import { findToken } from "./find-token.ts";
import { createVerifyToken, type JwtClocks } from "./verify-token.ts";

/**
 * Accepts requests with a valid signed JWT: RFC 7519, RFC 6750 and RFC 8725. Other requests throw a
 * `RelayError`: `unauthorized`, `forbidden`, or `overloaded` while keys cannot be fetched.
 * The relay loads this for `auth: "jwt"`.
 *
 * @throws OptionsError with everything that is wrong with `settings`.
 */
export function createJwtAuthenticator(
  settings: JwtSettings,
  clocks: JwtClocks = {},
): Authenticate {
  const problems = jwtProblems(settings);
  if (problems.length > 0) throw new OptionsError(problems);
  const verify = createVerifyToken(settings, clocks);
  const requireClaims = createRequireClaims(settings);
  return async (request) => {
    const claims = await verify(findToken(request, settings.jwtCookie));
    requireClaims(claims);
    return claimedCaller(claims, settings);
  };
}
