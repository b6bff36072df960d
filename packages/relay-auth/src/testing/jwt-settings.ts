import type { JwtSettings } from "../settings.ts";

/** Settings where any issuer and audience are accepted, nothing else is set, and what differs from that. */
export function jwtSettings(settings: Partial<JwtSettings> = {}): JwtSettings {
  return {
    jwtJwksUrl: "",
    jwtSecret: "",
    jwtPublicKey: "",
    jwtIssuer: "*",
    jwtAudience: ["*"],
    jwtType: "",
    jwtMaxLifetimeMs: 0,
    jwtAlgorithms: [],
    jwtRequiredClaims: [],
    jwtRequiredScopes: [],
    jwtSubjectClaim: "sub",
    jwtConfigurationsClaim: "",
    jwtCookie: "",
    ...settings,
  };
}
