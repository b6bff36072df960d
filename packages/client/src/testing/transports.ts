import { WebSocket } from "ws";
import type { ClientOptions, OtherTransportOptions } from "../create-client.ts";
import { pollTransport } from "../transport/poll/poll-transport.ts";
import { webSocketTransport } from "../transport/websocket/websocket-transport.ts";

/** A way to a relay, and how a client is told to take it. */
export interface TransportUnderTest {
  readonly name: string;
  over(url: string): ClientOptions | OtherTransportOptions;
}

/** What every transport does alike is tried over each of them. */
export const transports: readonly TransportUnderTest[] = [
  { name: "fetch", over: (url) => ({ url }) },
  { name: "polls", over: (url) => ({ url, fallback: pollTransport }) },
  {
    name: "a WebSocket",
    over: (url) => ({ transport: webSocketTransport({ url, WebSocket, keepOpenMs: 0 }) }),
  },
];
