import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { messages, requestText } from "../load/target.ts";
import { isRedisInstalled, redisPath } from "../redis-server.ts";
import { streamTarget, type Peer, type PeerPlace } from "./peer.ts";

const commandLine = fileURLToPath(new URL("../../gatestream/dist/cli.js", import.meta.url));
const whyNotBuilt = existsSync(commandLine) ? undefined : "it is not built: pnpm build";

/** Above everything that a measurement asks for. */
const noLimit = "1000000";

/** The relay as it is built, with all that is on by default; its quota alone does not hold it up. */
function relay(peer: Pick<Peer, "name" | "what">, settings: Readonly<Record<string, string>>) {
  return {
    ...peer,
    whyMissing: whyNotBuilt,
    command: ({ port, upstreamPort, redisUrl }: PeerPlace) => ({
      program: process.execPath,
      args: [commandLine, "serve"],
      environment: {
        PORT: String(port),
        GENESYS_CLIENT_ID: "bench",
        GENESYS_CLIENT_SECRET: "bench",
        GENESYS_LOGIN_URL: `http://127.0.0.1:${upstreamPort}`,
        GENESYS_API_URL: `http://127.0.0.1:${upstreamPort}`,
        GATESTREAM_REQUESTS_PER_MINUTE: noLimit,
        GATESTREAM_MAX_CONCURRENT_STREAMS: noLimit,
        ...settings,
        ...(settings["GATESTREAM_RESUME"] === "redis" && { GATESTREAM_REDIS_URL: redisUrl }),
      },
    }),
  };
}

export const gatestream: Peer = {
  ...relay({ name: "gatestream", what: "This relay, as it runs by default." }, {}),
  target: ({ port }) => streamTarget(port),
};

/** Kept for as long as catching up is measured, and no longer. */
const keeping = { GATESTREAM_ORPHAN_GRACE_MS: "500", GATESTREAM_RETAIN_CLOSED_MS: "30000" };

export const gatestreamInMemory: Peer = {
  ...relay(
    { name: "gatestream, kept in memory", what: "Streams that readers can come back to." },
    { GATESTREAM_RESUME: "memory", ...keeping },
  ),
  target: ({ port }) => streamTarget(port, { onDisconnect: "detach" }),
};

export const gatestreamInRedis: Peer = {
  ...relay(
    { name: "gatestream, kept in Redis", what: "Streams that readers can come back to anywhere." },
    { GATESTREAM_RESUME: "redis", ...keeping },
  ),
  needsRedis: true,
  whyMissing: isRedisInstalled ? whyNotBuilt : `there is no Redis at ${redisPath}`,
  target: ({ port }) => streamTarget(port, { onDisconnect: "detach" }),
};

export const gatestreamOverWebSocket: Peer = {
  ...relay({ name: "gatestream over WebSocket", what: "One stream on each socket." }, {}),
  target: ({ port }) => ({
    port,
    request: requestText({
      method: "GET",
      path: "/api/llm/socket",
      headers: {
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": Buffer.alloc(16, "bench").toString("base64"),
        "Sec-WebSocket-Protocol": "gatestream.v1",
      },
    }),
    startText: JSON.stringify({
      op: "start",
      ref: "1",
      body: { configurationId: "bench", messages },
    }),
  }),
};
