export { createJwtAuthenticator } from "./create-jwt-authenticator.ts";
export { jwt, type JwtOptions } from "./jwt.ts";
// For the command alone: any release may change them.
export { defaultKeyAlgorithms, keyAlgorithms } from "./settings.ts";
export type { JwtClocks } from "./verify-token.ts";
