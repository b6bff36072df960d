import type { ErrorEvent, StopEvent, StreamEvent } from "@gatestream/protocol";
import { type AdapterReply, RelayError, type WholeAnswer } from "@gatestream/relay/parts";

/** What the API says of a failure. */
export function errorObject(code: string, message: string): object {
  return { message, type: code, code, param: null };
}

export function refusal(error: RelayError): AdapterReply {
  return {
    status: error.status,
    body: { error: errorObject(error.code, error.message) },
    headers: {
      // Its clients repeat a POST by themselves.
      "x-should-retry": String(error.retryable),
      ...(error.retryAfterMs !== undefined && { "retry-after-ms": error.retryAfterMs }),
    },
  };
}

/** Whether an answer was ended early: cancelled by a caller, or abandoned by its readers. */
export function isCancelled({ reason }: StopEvent): boolean {
  return reason === "cancelled" || reason === "abandoned";
}

/** The end of an answer that its caller, or the lack of one, has ended. */
export const cancelled = {
  code: "cancelled",
  message: "The answer was cancelled before its end.",
} as const;

/**
 * The end of an answer that was collected whole.
 *
 * @throws RelayError where it broke off. The gateway was asked: no client may ask again by itself.
 */
export function endOf({ events }: WholeAnswer): StopEvent {
  const last: StreamEvent | undefined = events.at(-1);
  if (last?.type === "stop") return last as StopEvent;
  const { code, message } =
    last?.type === "error"
      ? (last as ErrorEvent)
      : ({ code: "gateway_interrupted", message: "The answer broke off." } as const);
  throw new RelayError(code, message, { retryable: false });
}

/** For readers who would miss a part of the answer. */
export const forgotten = {
  code: "stream_not_found",
  message: "The beginning of the answer is no longer kept: it is longer than maxLogBytes.",
} as const;

/** For readers whose stream continues on another relay. */
export const movedOn = {
  code: "relay_draining",
  message: "The relay ended this connection; the answer continues.",
} as const;
