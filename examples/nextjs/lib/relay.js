import { createRelay } from "@gatestream/relay";

/**
 * One relay for the whole process: Next.js loads this file once for each route and, in development, again
 * when it has changed, and a second relay would not have the streams of the first. It is made for the
 * first request, because `next build` loads routes without the server's environment.
 */
export function relay() {
  return (globalThis.relay ??= create());
}

function create() {
  const created = createRelay({
    genesys: {
      clientId: process.env.GENESYS_CLIENT_ID,
      clientSecret: process.env.GENESYS_CLIENT_SECRET,
      environment: process.env.GENESYS_ENVIRONMENT,
      loginUrl: process.env.GENESYS_LOGIN_URL,
      apiUrl: process.env.GENESYS_API_URL,
    },
    heartbeatMs: Number(process.env.HEARTBEAT_MS ?? 15_000),
    shutdownGraceMs: Number(process.env.SHUTDOWN_GRACE_MS ?? 10_000),
  });
  // Next.js waits for connections to end, and answers may take long.
  process.once("SIGTERM", () => created.close());
  return created;
}
