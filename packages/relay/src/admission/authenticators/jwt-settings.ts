/** How tokens are checked; the relay's settings of the same names, where empty is "not set". */
export interface JwtSettings {
  /** Where the keys of tokens are published. */
  readonly jwtJwksUrl: string;
  /** The secret that signs tokens, as text. */
  readonly jwtSecret: string;
  /** The public key of tokens: PEM, SPKI or an X.509 certificate; `\n` may stand for a line break. */
  readonly jwtPublicKey: string;
  /** What `iss` must be. */
  readonly jwtIssuer: string;
  /** One of these must be in `aud`. */
  readonly jwtAudience: readonly string[];
  /** Algorithms that are taken. */
  readonly jwtAlgorithms: readonly string[];
  /** By how much clocks may differ, in milliseconds. */
  readonly jwtClockToleranceMs: number;
  /** Claims that must be there, as `name` or `name=value`. */
  readonly jwtRequiredClaims: readonly string[];
  /** Scopes that must all be in `scope` or `scp`. */
  readonly jwtRequiredScopes: readonly string[];
  /** Which claim says who it is. */
  readonly jwtSubjectClaim: string;
  /** Which claim lists the `configurationId`s that its bearer may use. */
  readonly jwtConfigurationsClaim: string;
  /** The HttpOnly cookie that may carry the token. */
  readonly jwtCookie: string;
}
