/** The default base path of the routes. */
export const defaultBasePath = "/api/llm";

/** Below the base path. */
export const streamPath = "/stream";

/** Below the base path: the answers of a conversation stand below this and its id. */
export const conversationsPath = "/conversations";

/** Below the base path: where a WebSocket is opened. */
export const socketPath = "/socket";

/** The subprotocol of the WebSocket. */
export const socketProtocol = "gatestream.v1";

/** In front of a bearer token that is sent as another subprotocol. */
export const bearerProtocolPrefix = "bearer.";

export const eventStreamType = "text/event-stream";

/** Headers of our own, as they are written. */
export const streamIdHeader = "X-Stream-Id";
export const requestIdHeader = "X-Request-Id";

/** Headers of a response that a page of another origin may read. */
export const exposedHeaders: readonly string[] = [
  streamIdHeader,
  requestIdHeader,
  "Retry-After",
  "RateLimit",
  "RateLimit-Policy",
];
