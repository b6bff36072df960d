import type { Caller } from "../admission/caller.ts";
import type { Reader } from "../flow/stream-call.ts";
import type { IncomingTrace } from "../observe/remote-trace.ts";
import type { WebsocketChannel } from "../transport/websocket-channel.ts";
import { cancelFor } from "./cancel-stream.ts";
import type { UncheckedFrame, UncheckedStartFrame } from "./client-frame.ts";
import { followFrom } from "./follow-stream.ts";
import {
  acceptOrder,
  runOrder,
  type StreamOrder,
  type StreamOrderParts,
  type StreamWish,
} from "./stream-order.ts";

/** Who has sent a frame, and the way back. */
export interface FrameSender {
  readonly caller: Caller;
  readonly incomingTrace: IncomingTrace;
  readonly reader: Reader;
  readonly channel: WebsocketChannel;
  /** Hears which stream it is, as soon as that can be cancelled. */
  readonly onFound: (streamId: string) => void;
}

/**
 * Does what a frame asks for.
 *
 * @throws RelayError where that may not be asked for.
 */
export async function answerFrame(
  parts: StreamOrderParts,
  frame: UncheckedFrame,
  { caller, incomingTrace, reader, channel, onFound }: FrameSender,
): Promise<void> {
  switch (frame.op) {
    case "start": {
      await parts.limits.countRequest(caller.subject);
      const { requestId } = reader;
      const order = takeOrder(parts, frame, { caller, requestId, incomingTrace });
      await runOrder(parts, { ...order, onFound }, reader);
      break;
    }
    case "follow": {
      const { streamId, after = 0 } = frame;
      onFound(streamId);
      const isMore = await followFrom(parts, reader, { streamId, caller, after });
      if (!isMore) channel.done();
      break;
    }
    case "cancel": {
      if (frame.streamId !== undefined) await cancelFor(parts, caller, frame.streamId);
      channel.done();
      break;
    }
    case "leave":
      // It asks for nothing.
      break;
  }
}

/** Not part of `answerFrame`, which would hold the conversation until the answer has ended. */
function takeOrder(
  parts: StreamOrderParts,
  frame: UncheckedStartFrame,
  sender: Pick<StreamWish, "caller" | "requestId" | "incomingTrace">,
): StreamOrder {
  const { body, idempotencyKey } = frame;
  frame.body = undefined;
  return acceptOrder(parts, { ...sender, body, idempotencyKey, transport: "websocket" });
}
