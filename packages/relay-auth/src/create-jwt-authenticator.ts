import {
  jwtProblems,
  OptionsError,
  type Authenticate,
  type JwtSettings,
} from "@gatestream/relay/parts";
import { claimedCaller } from "./claimed-caller.ts";
import { findToken } from "./find-token.ts";
import { createRequireClaims } from "./required-claims.ts";
import { createVerificationKey } from "./verification-key.ts";
import { createVerifyToken } from "./verify-token.ts";

export interface JwtClocks {
  /** Milliseconds since 1970, for the times in tokens. @defaultValue `Date.now` */
  readonly now?: () => number;
  /** Monotonic milliseconds, for the age of keys. @defaultValue `performance.now` */
  readonly uptime?: () => number;
}

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
  const { now = Date.now, uptime = () => performance.now() } = clocks;
  const verify = createVerifyToken(createVerificationKey(settings, uptime), {
    issuer: settings.jwtIssuer,
    audience: settings.jwtAudience,
    type: settings.jwtType,
    maxLifetimeMs: settings.jwtMaxLifetimeMs,
    clockToleranceMs: settings.jwtClockToleranceMs,
    now,
  });
  const requireClaims = createRequireClaims({
    claims: settings.jwtRequiredClaims,
    scopes: settings.jwtRequiredScopes,
  });
  return async (request) => {
    const claims = await verify(findToken(request, settings.jwtCookie));
    requireClaims(claims);
    return claimedCaller(claims, {
      subjectClaim: settings.jwtSubjectClaim,
      configurationsClaim: settings.jwtConfigurationsClaim,
      clockToleranceMs: settings.jwtClockToleranceMs,
    });
  };
}
