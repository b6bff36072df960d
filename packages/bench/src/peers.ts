import { fileURLToPath } from "node:url";
import { requestText, type Target } from "./load/connection.ts";
import type { Command } from "./processes.ts";

/** Where a peer runs. */
export interface Surroundings {
  readonly port: number;
  readonly gatewayPort: number;
  /** For those that need it. */
  readonly redisUrl: string;
}

/** Something that brings a gateway's answer to a reader. */
export interface Peer {
  readonly name: string;
  /** For readers of the report. */
  readonly what: string;
  readonly needsRedis?: boolean;
  /** Without one there is nothing between the reader and the gateway. */
  readonly command?: (surroundings: Surroundings) => Command;
  readonly target: (surroundings: Surroundings) => Target;
}

const chatPath = "/api/v2/ai/llm/gateway/chat";
export const streamPath = "/api/llm/stream" as const;
export const streamBody = {
  configurationId: "bench",
  messages: [{ role: "user", content: "Tell me a long story." }],
};

/** What the relay is asked with, and so all that can be asked with the same. */
function streamTarget(port: number, more: object = {}): Target {
  const body = { ...streamBody, ...more };
  return { port, request: requestText(`POST ${streamPath}`, body) };
}

const direct: Peer = {
  name: "direct",
  what: "No relay: the readers ask the emulated gateway. What the measurement itself costs.",
  target: ({ gatewayPort }) => ({
    port: gatewayPort,
    request: requestText(`POST ${chatPath}`, { stream: true }),
  }),
};

/** A program of this package: `peers/<name>.mjs`. */
function programPath(name: string): string {
  return fileURLToPath(new URL(`../src/peers/${name}.mjs`, import.meta.url));
}

function ownServer(name: string, what: string): Peer {
  return {
    name,
    what,
    command: ({ port, gatewayPort }) => ({
      program: process.execPath,
      args: [programPath(name)],
      environment: {
        PORT: String(port),
        CHAT_URL: `http://127.0.0.1:${gatewayPort}${chatPath}`,
      },
    }),
    target: ({ port }) => streamTarget(port),
  };
}

const relayCommand = fileURLToPath(new URL("../../gatestream/dist/cli.js", import.meta.url));

/** Above everything that a measurement asks for. */
const noLimit = "1000000";

/** The relay as it is built, with all that is on by default; its limits alone do not hold it up. */
function relay(name: string, what: string, settings: Readonly<Record<string, string>>) {
  return {
    name,
    what,
    command: ({ port, gatewayPort, redisUrl }: Surroundings): Command => ({
      program: process.execPath,
      args: [relayCommand, "serve"],
      environment: {
        PORT: String(port),
        GENESYS_CLIENT_ID: "bench",
        GENESYS_CLIENT_SECRET: "bench",
        GENESYS_LOGIN_URL: `http://127.0.0.1:${gatewayPort}`,
        GENESYS_API_URL: `http://127.0.0.1:${gatewayPort}`,
        GATESTREAM_REQUESTS_PER_MINUTE: noLimit,
        GATESTREAM_MAX_CONCURRENT_STREAMS: noLimit,
        GATESTREAM_MAX_KEPT_STREAMS_PER_SUBJECT: noLimit,
        ...settings,
        ...(settings["GATESTREAM_RESUME"] === "redis" && { GATESTREAM_REDIS_URL: redisUrl }),
      },
    }),
  };
}

export const gatestream: Peer = {
  ...relay("gatestream", "This relay, as it runs by default.", {}),
  target: ({ port }) => streamTarget(port),
};

/** Kept for as long as catching up is measured, and no longer. */
const keeping = { GATESTREAM_ORPHAN_GRACE_MS: "500", GATESTREAM_RETAIN_CLOSED_MS: "30000" };
const detachedTarget = ({ port }: Surroundings): Target =>
  streamTarget(port, { onDisconnect: "detach" });

export const gatestreamInMemory: Peer = {
  ...relay("gatestream, kept in memory", "Streams that readers can come back to.", {
    GATESTREAM_RESUME: "memory",
    ...keeping,
  }),
  target: detachedTarget,
};

export const gatestreamInRedis: Peer = {
  ...relay("gatestream, kept in Redis", "Streams that readers can come back to anywhere.", {
    GATESTREAM_RESUME: "redis",
    ...keeping,
  }),
  needsRedis: true,
  target: detachedTarget,
};

/** What the relay with a full log may count. */
export const maxTotalLogBytes = 64 * 2 ** 20;

const boundedRelay = relay("gatestream", "Streams that stay until the bound is reached.", {
  GATESTREAM_RESUME: "memory",
  GATESTREAM_MAX_TOTAL_LOG_BYTES: String(maxTotalLogBytes),
});

/** Answers with the bytes of its heap: see `peers/heap-probe.mjs`. */
export const gatestreamWithFullLog: Peer = {
  ...boundedRelay,
  command(surroundings) {
    const command = boundedRelay.command(surroundings);
    const args = ["--import", programPath("heap-probe"), ...command.args];
    return { ...command, args, answers: true };
  },
  target: detachedTarget,
};

export const gatestreamOverWebSocket: Peer = {
  ...relay("gatestream over WebSocket", "One stream on each socket.", {}),
  target: ({ port }) => ({
    port,
    request: requestText("GET /api/llm/socket", undefined, {
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": Buffer.alloc(16, "bench").toString("base64"),
      "Sec-WebSocket-Protocol": "gatestream.v1",
    }),
    startText: JSON.stringify({ op: "start", ref: "1", body: streamBody }),
  }),
};

/** Everything that is run beside each other, in this order. */
export const allPeers: readonly Peer[] = [
  direct,
  ownServer(
    "pipe",
    "node:http passes on bytes and understands none of them. No ids, no events, no limits.",
  ),
  gatestream,
  ownServer("tutorial", "Express 4 and axios: splits lines, writes each as an event."),
];
