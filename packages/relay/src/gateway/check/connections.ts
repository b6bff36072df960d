import type { Dispatcher } from "undici";
import { createDispatcher, type UpstreamSettings } from "../http-provider.ts";

/** Somebody sits and waits. To connect takes less, so that it can be told from not answering. */
const maxConnectMs = 5_000;
const maxTryMs = 8_000;

export interface CheckConnections {
  /** Whoever made it destroys it. */
  readonly dispatcher: Dispatcher;
  /** For each try, in milliseconds. */
  readonly timeoutMs: number;
}

/** Connections of their own, so that a check leaves those of the provider alone. */
export function createCheckConnections(settings: UpstreamSettings): CheckConnections {
  const connectTimeoutMs = Math.min(settings.connectTimeoutMs, maxConnectMs);
  return {
    dispatcher: createDispatcher({ ...settings, connectTimeoutMs }),
    timeoutMs: Math.min(settings.handshakeDeadlineMs, maxTryMs),
  };
}
