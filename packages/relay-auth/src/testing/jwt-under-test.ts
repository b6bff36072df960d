import type { KeyObject } from "node:crypto";
import type { JwtSettings } from "../settings.ts";
import { SignJWT, type JWTHeaderParameters, type JWTPayload } from "jose";
import { jwtSettings } from "./jwt-settings.ts";
import { createJwtAuthenticator } from "../create-jwt-authenticator.ts";

/** The moment at which tokens are checked, in milliseconds since 1970. */
export const nowMs = 1_800_000_000_000;
/** The same, as in tokens. */
export const nowSeconds = nowMs / 1000;

export const secret = "a secret of thirty-two bytes, or more";

/** An authenticator that checks with {@link secret} at {@link nowMs}. */
export function authenticatorWith(settings: Partial<JwtSettings> = {}) {
  return createJwtAuthenticator(jwtSettings({ jwtSecret: secret, ...settings }), {
    now: () => nowMs,
  });
}

/** What a token says, right or wrong; undefined leaves a claim out. */
export type Claims = Readonly<Record<string, unknown>>;

/** A token that is right for one minute, unless `claims` say otherwise. */
export async function sign(
  claims: Claims,
  key: KeyObject | Uint8Array = Buffer.from(secret),
  header: JWTHeaderParameters = { alg: "HS256" },
): Promise<string> {
  const said = JSON.stringify({ sub: "user-1", exp: nowSeconds + 60, ...claims });
  const payload: JWTPayload = JSON.parse(said);
  return await new SignJWT(payload).setProtectedHeader(header).sign(key);
}
