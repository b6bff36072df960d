/** Where the routes live unless the relay is told otherwise. */
export const defaultBasePath = "/api/llm";

/** Below the base path. */
export const streamPath = "/stream";

export const eventStreamType = "text/event-stream";

/** Headers of our own, as they are written. */
export const headerNames = {
  streamId: "X-Stream-Id",
  requestId: "X-Request-Id",
} as const;

/** Headers of a response that a page of another origin may read. */
export const exposedHeaders: readonly string[] = [
  headerNames.streamId,
  headerNames.requestId,
  "Retry-After",
  "RateLimit",
  "RateLimit-Policy",
];
