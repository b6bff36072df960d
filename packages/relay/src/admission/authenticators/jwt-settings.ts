/** How tokens are checked; what is empty is not set. */
export interface JwtSettings {
  /** Where the keys of tokens are published (RFC 7517). @defaultValue none */
  readonly jwtJwksUrl: string;
  /** The shared secret that signs tokens, as text. Never sent. @defaultValue none */
  readonly jwtSecret: string;
  /**
   * The public key of tokens: PEM, SPKI or X.509; `\n` may stand for a line break.
   * @defaultValue none
   */
  readonly jwtPublicKey: string;
  /** What `iss` must be. @defaultValue anything */
  readonly jwtIssuer: string;
  /** One of these must be in `aud`. @defaultValue anything */
  readonly jwtAudience: readonly string[];
  /** Algorithms that are taken. @defaultValue HS256 of a secret; those that fit, of a public key */
  readonly jwtAlgorithms: readonly string[];
  /** By how much clocks may differ, in milliseconds. @defaultValue 5000 */
  readonly jwtClockToleranceMs: number;
  /** Claims that must be there, as `name` or `name=value`. @defaultValue none */
  readonly jwtRequiredClaims: readonly string[];
  /** Scopes that must all be in `scope` or `scp`. @defaultValue none */
  readonly jwtRequiredScopes: readonly string[];
  /** Which claim says who it is. @defaultValue `"sub"` */
  readonly jwtSubjectClaim: string;
  /** Which claim lists the `configurationId`s that its bearer may use. @defaultValue none: every one */
  readonly jwtConfigurationsClaim: string;
  /** The HttpOnly cookie that may carry the token. @defaultValue none: only `Authorization` */
  readonly jwtCookie: string;
}
