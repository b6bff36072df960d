export { createJwtAuthenticator } from "./create-jwt-authenticator.ts";
export { jwt, type JwtOptions } from "./jwt.ts";
export type { JwtClocks } from "./verify-token.ts";
