import { createRelay } from "@gatestream/relay";

let created;

/** The relay of this process. It is made for the first request: `nuxt build` has no gateway to ask. */
export function relay() {
  return (created ??= create());
}

function create() {
  const made = createRelay({
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
  process.once("SIGTERM", () => made.close());
  return made;
}
