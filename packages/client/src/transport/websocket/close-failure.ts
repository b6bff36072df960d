import { socketCloseCodes, type RefusalFrame } from "@gatestream/protocol";
import { StreamError } from "../../stream-error.ts";
import type { Closing } from "./socket.ts";

/** RFC 6455, "Defined Status Codes": the message was too big. */
const tooBig = 1009;

/**
 * Why a stream ended with the socket that it came on.
 *
 * @param hasBegun Whether anything had come of it.
 */
export function closeFailure({ code, refusal }: Closing, hasBegun: boolean): StreamError {
  // Also of a token that has expired on the way: it may be another one for the next socket.
  if (code === socketCloseCodes.unauthorized) {
    return new StreamError("unauthorized", "The relay has not accepted who you are.", {
      status: 401,
      ...refusal,
    });
  }
  if (code === socketCloseCodes.invalidFrames) {
    return new StreamError("protocol", "What came on the socket is not a relay's: is this one?");
  }
  if (hasBegun) return new StreamError("truncated", "The answer broke off before its end.");
  if (refusal !== undefined) return refusalOf(refusal);
  return code === tooBig
    ? new StreamError("payload_too_large", "The request is larger than the relay takes.", {
        status: 413,
      })
    : new StreamError("network", "The socket was closed before the relay answered.");
}

/** What the relay refused, as the same error that it is over HTTP. */
export function refusalOf({ code, message, ...details }: RefusalFrame): StreamError {
  return new StreamError(code, message, details);
}
