import type { Caller } from "../admission/caller.ts";
import { cancel, follow, start } from "../flow.ts";
import type { AnswerRequest } from "../stream/answer-request.ts";
import type { IncomingTrace } from "../observe/remote-trace.ts";
import type { WebsocketReader } from "../transport/websocket-reader.ts";
import { readAnswerRequest, type GivenRequest, type RequestParts } from "./answer-request.ts";
import type { UncheckedFrame, UncheckedStartFrame } from "./client-frame.ts";

/** Who has sent a frame, and the way back. */
export interface FrameSender {
  readonly caller: Caller;
  readonly incomingTrace: IncomingTrace;
  readonly reader: WebsocketReader;
  /** Called with the id of the stream as soon as that can be cancelled. */
  readonly onFound: (streamId: string) => void;
}

/**
 * Does what a frame asks for.
 *
 * @throws RelayError where that may not be asked for.
 */
export async function answerFrame(
  parts: RequestParts,
  frame: UncheckedFrame,
  { reader, ...sender }: FrameSender,
): Promise<void> {
  const { caller } = sender;
  switch (frame.op) {
    case "start": {
      await parts.limits.countRequest(caller.subject);
      const { requestId } = reader;
      await start(parts, takeRequest(parts, frame, { ...sender, requestId }), reader);
      break;
    }
    case "follow": {
      const { streamId, after = 0 } = frame;
      sender.onFound(streamId);
      const isMore = await follow(parts, { streamId, caller, after }, reader);
      if (!isMore) reader.done();
      break;
    }
    case "cancel": {
      const { streamId } = frame;
      if (streamId !== undefined) await cancel(parts, { streamId, caller });
      reader.done();
      break;
    }
    case "leave":
      // It asks for nothing.
      break;
  }
}

/** Not part of `answerFrame`, which would hold the conversation until the answer has ended. */
function takeRequest(
  parts: RequestParts,
  frame: UncheckedStartFrame,
  sender: Omit<GivenRequest, "body" | "idempotencyKey" | "transport">,
): AnswerRequest {
  const { body, idempotencyKey } = frame;
  frame.body = undefined;
  return readAnswerRequest(parts, { ...sender, body, idempotencyKey, transport: "websocket" });
}
