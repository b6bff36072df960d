export { createJwtAuthenticator, type JwtClocks } from "./create-jwt-authenticator.ts";
export { jwt, type JwtOptions } from "./jwt.ts";
