import type { Command } from "../processes/processes.ts";
import { messages, requestText, type Target } from "../load/target.ts";
import { ownProgram } from "../processes/processes.ts";

/** Where a peer runs. */
export interface PeerPlace {
  readonly port: number;
  readonly upstreamPort: number;
  /** For those that need it. */
  readonly redisUrl: string;
}

/** Something that brings a gateway's answer to a reader. */
export interface Peer {
  readonly name: string;
  /** A description for readers of the report. */
  readonly what: string;
  /** Why it cannot run here. */
  readonly whyMissing?: string | undefined;
  readonly needsRedis?: boolean;
  /** Without one there is nothing between the reader and the gateway. */
  readonly command?: (place: PeerPlace) => Command | Promise<Command>;
  target(place: PeerPlace): Target;
}

/** A server of this package: `programs/<name>.ts`. */
export function ownServer(program: string): NonNullable<Peer["command"]> {
  return ({ port, upstreamPort }) =>
    ownProgram(`peer-${program}`, {
      PORT: String(port),
      UPSTREAM_URL: `http://127.0.0.1:${upstreamPort}`,
    });
}

export const chatPath = "/api/v2/ai/llm/gateway/chat";
export const streamPath = "/api/llm/stream";

/** What the relay is asked with, and so all that can be asked with the same. */
export function streamTarget(port: number, more: object = {}): Target {
  const body = { configurationId: "bench", messages, ...more };
  return { port, request: requestText({ method: "POST", path: streamPath, body }) };
}
