import type { StreamRequest } from "@gatestream/protocol";
import type { Answer } from "../answer/answer.ts";
import { randomKey } from "../random-key.ts";

/** The `Idempotency-Key` of each request. */
export interface RequestKey {
  /**
   * The key of the next request, after `last` has been ended. It is that of the last request where
   * that was the same one and has failed before its first event: the relay may have started an answer
   * all the same, and the key joins it.
   */
  next(request: StreamRequest, last: Answer | undefined): string;
  /** The answer has an id from now on: by its key one would get the same answer once more. */
  forget(): void;
}

export function createRequestKey(): RequestKey {
  let lastRequest = "";
  let key = "";
  return {
    next(request, last) {
      const hasFailed = last?.status === "error";
      // What failed here may still be written, and billed, at the relay. What was left is left.
      if (hasFailed) last.cancel();
      const json = JSON.stringify(request);
      if (!hasFailed || json !== lastRequest) key = randomKey();
      lastRequest = json;
      return key;
    },
    forget() {
      lastRequest = "";
    },
  };
}
