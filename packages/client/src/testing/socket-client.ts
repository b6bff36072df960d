import type { StartFrame } from "@gatestream/protocol";
import { expect, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { createClient, type RecoveryOptions } from "../create-client.ts";
import {
  webSocketTransport,
  type WebSocketTransportOptions,
} from "../transport/websocket/websocket-transport.ts";
import { startSocketRelay, type RelaySocket } from "./socket-relay.ts";
import { start } from "./sse-text.ts";

/** Tries again without a wait that anybody would notice. */
export const soon = { limit: 5, baseDelayMs: 1, maxDelayMs: 2_000 };
/** A relay that the test writes frame by frame, and a client of it. */
export async function relayAndClient(
  transportOptions: Partial<WebSocketTransportOptions> = {},
  recovery: RecoveryOptions = {},
) {
  const relay = await startSocketRelay();
  onTestFinished(() => relay[Symbol.asyncDispose]());
  const transport = webSocketTransport({
    url: relay.url,
    WebSocket,
    keepOpenMs: 0,
    ...transportOptions,
  });
  return { relay, client: createClient({ transport, retry: soon, ...recovery }) };
}

/** Events of one stream as a relay sends them, numbered from `firstId`. */
export function framesOf(
  ref: string,
  streamId: string,
  firstId: number,
  ...events: readonly object[]
) {
  let id = firstId;
  return events.map((event) => {
    const isNumbered = "content" in event || "reason" in event;
    return Object.assign({}, event, { ref, streamId }, isNumbered && { id: id++ });
  });
}

/** Takes the next frame, which starts a stream, and answers with these events. */
export async function answerStart(socket: RelaySocket, ...events: readonly object[]) {
  const frame = await socket.next();
  expect(frame.op).toBe("start");
  socket.send(...framesOf(frame.ref, `s-${frame.ref}`, 1, ...events));
  return frame as StartFrame;
}

/** The start of a stream that the relay keeps. */
export const kept = { ...start, resumable: true };
