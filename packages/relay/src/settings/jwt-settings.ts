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
  /**
   * What `iss` must be; `*` is any issuer. Required with `jwtJwksUrl`.
   * @defaultValue any, with a secret or a public key
   */
  readonly jwtIssuer: string;
  /**
   * One of these must be in `aud`; `*` alone is any audience. Required with `jwtJwksUrl`: an identity
   * provider signs the tokens of all its applications with the same keys.
   * @defaultValue any, with a secret or a public key
   */
  readonly jwtAudience: readonly string[];
  /**
   * What the header parameter `typ` must be: `at+jwt` for access tokens (RFC 9068), so that ID tokens
   * are refused. @defaultValue any, or none
   */
  readonly jwtType: string;
  /**
   * The longest time between `iat` and `exp`, in milliseconds; a token without `iat` is refused then.
   * @defaultValue 0: no limit
   */
  readonly jwtMaxLifetimeMs: number;
  /** Algorithms that are taken. @defaultValue HS256 of a secret; those that fit, of a public key */
  readonly jwtAlgorithms: readonly string[];
  /** By how much clocks may differ, in milliseconds. @defaultValue 5000 */
  readonly jwtClockToleranceMs: number;
  /** Claims that must be there, as `name` or `name=value`. @defaultValue none */
  readonly jwtRequiredClaims: readonly string[];
  /** Scopes that must all be in `scope` or `scp`. @defaultValue none */
  readonly jwtRequiredScopes: readonly string[];
  /** The claim that holds the subject. @defaultValue `"sub"` */
  readonly jwtSubjectClaim: string;
  /** Which claim lists the `configurationId`s that its bearer may use. @defaultValue none: every one */
  readonly jwtConfigurationsClaim: string;
  /** The HttpOnly cookie that may carry the token. @defaultValue none: only `Authorization` */
  readonly jwtCookie: string;
}
