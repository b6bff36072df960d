import type { Authenticate } from "./caller.ts";
import { createClientAddress } from "./client-address.ts";

/** Asks nobody who they are: everybody is their address. */
export function createAnonymousAuthenticator(trustedProxies: readonly string[]): Authenticate {
  const addressOf = createClientAddress(trustedProxies);
  return (request) => ({ subject: addressOf(request), isAnonymous: true });
}
