import {
  cancel,
  follow,
  readAnswerRequest,
  start,
  type AnswerRequest,
  type Caller,
  type GivenRequest,
  type IncomingTrace,
  type RelayContext,
} from "@gatestream/relay/parts";
import type { UncheckedFrame, UncheckedStartFrame } from "./client-frame.ts";
import type { WebsocketReader } from "./reader.ts";

/** Who has sent a frame, and the way back. */
export interface FrameSender {
  readonly caller: Caller;
  readonly incomingTrace: IncomingTrace;
  readonly reader: WebsocketReader;
  /** Called with the id of the stream as soon as that can be cancelled. */
  readonly onFound: (streamId: string) => void;
}

/**
 * Handles a frame.
 *
 * @throws RelayError where that may not be asked for.
 */
export async function handleFrame(
  relay: RelayContext,
  frame: UncheckedFrame,
  { reader, ...sender }: FrameSender,
): Promise<void> {
  const { caller } = sender;
  switch (frame.op) {
    case "start": {
      await relay.limits.countRequest(caller.subject);
      const { requestId } = reader;
      await start(relay, takeRequest(relay, frame, { ...sender, requestId }), reader);
      break;
    }
    case "follow": {
      const { streamId, after = 0 } = frame;
      sender.onFound(streamId);
      const isMore = await follow(relay, { streamId, caller, after }, reader);
      if (!isMore) reader.done();
      break;
    }
    case "cancel": {
      const { streamId } = frame;
      if (streamId !== undefined) await cancel(relay, { streamId, caller });
      reader.done();
      break;
    }
    case "leave":
      // Without a stream there is nothing to leave.
      break;
  }
}

/** Not part of `handleFrame`, which would hold the conversation until the answer has ended. */
function takeRequest(
  relay: RelayContext,
  frame: UncheckedStartFrame,
  sender: Omit<GivenRequest, "body" | "idempotencyKey" | "transport">,
): AnswerRequest {
  const { body, idempotencyKey } = frame;
  frame.body = undefined;
  return readAnswerRequest(relay, { ...sender, body, idempotencyKey, transport: "websocket" });
}
