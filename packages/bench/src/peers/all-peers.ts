import { messages, requestText } from "../load/target.ts";
import { gatestream } from "./gatestream.ts";
import { nginx } from "./nginx.ts";
import { chatPath, ownServer, streamPath, streamTarget, type Peer } from "./peer.ts";
import { portkey } from "./portkey.ts";

export const direct: Peer = {
  name: "direct",
  what: "No relay: the readers ask the emulated gateway. What the measurement itself costs.",
  target: ({ upstreamPort }) => ({
    port: upstreamPort,
    request: requestText({ method: "POST", path: chatPath, body: { stream: true } }),
  }),
};

const pipe: Peer = {
  name: "pipe",
  what: "node:http passes on bytes and understands none of them. No ids, no events, no limits.",
  command: ownServer("pipe"),
  target: ({ port }) => streamTarget(port),
};

const tutorial: Peer = {
  name: "tutorial",
  what: "Express 4 and axios: splits lines, writes each as an event.",
  command: ownServer("tutorial"),
  target: ({ port }) => streamTarget(port),
};

const hono: Peer = {
  name: "hono",
  what: "Hono's streamSSE over fetch, on its Node server.",
  command: ownServer("hono"),
  target: ({ port }) => streamTarget(port),
};

const betterSse: Peer = {
  name: "better-sse",
  what: "better-sse's session over fetch. Asked by GET: it loses a stream that was asked for by POST.",
  command: ownServer("better-sse"),
  target: ({ port }) => ({ port, request: requestText({ method: "GET", path: streamPath }) }),
};

const aiSdk: Peer = {
  name: "ai-sdk",
  what: "The Vercel AI SDK's streamText and UI message stream, before an OpenAI-compatible gateway.",
  command: ownServer("ai-sdk"),
  target: ({ port }) => ({
    port,
    request: requestText({ method: "POST", path: streamPath, body: { messages } }),
  }),
};

/** Everything that is run beside each other, in this order. */
export const allPeers: readonly Peer[] = [
  direct,
  pipe,
  gatestream,
  nginx,
  tutorial,
  hono,
  betterSse,
  aiSdk,
  portkey,
];
