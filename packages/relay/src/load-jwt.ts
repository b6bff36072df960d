import type { Authenticate } from "./admission/caller.ts";
import type { JwtSettings } from "./configuration/jwt-settings.ts";

/**
 * Checks tokens with the optional package `@gatestream/relay-auth`, which begins to load at once.
 * When it cannot be loaded, every request fails: nobody is let in by mistake.
 */
export function loadJwtAuthenticator(settings: JwtSettings): Authenticate {
  const loading = import("@gatestream/relay-auth")
    .catch((cause: unknown) => {
      throw new Error("The package @gatestream/relay-auth cannot be loaded.", { cause });
    })
    .then(({ createJwtAuthenticator }) => createJwtAuthenticator(settings));
  // The requests tell of a failure: before the first one, nobody waits for it.
  loading.catch(() => undefined);
  return async (request) => (await loading)(request);
}
