import { randomBytes } from "node:crypto";

export interface TokenStore {
  /** A new random token that is accepted from now on. */
  issue(): string;
  accepts(token: string): boolean;
  revokeAll(): void;
}

export function createTokenStore(lifetimeSeconds: number, now: () => number): TokenStore {
  const expiries = new Map<string, number>();

  return {
    issue() {
      const time = now();
      for (const [token, expiresAt] of expiries) if (expiresAt <= time) expiries.delete(token);
      const token = randomBytes(32).toString("base64url");
      expiries.set(token, time + lifetimeSeconds * 1000);
      return token;
    },
    accepts(token) {
      const expiresAt = expiries.get(token);
      return expiresAt !== undefined && now() < expiresAt;
    },
    revokeAll: () => expiries.clear(),
  };
}
