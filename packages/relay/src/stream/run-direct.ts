import { toRelayError } from "../errors.ts";
import { DirectLog } from "../log/direct-log.ts";
import { whenExpired } from "../timers.ts";
import type { Reader } from "./reader.ts";
import type { AnswerRequest, RelayContext } from "./answer-request.ts";
import { Delivery } from "./deliver.ts";
import { Production } from "./produce.ts";

/** How long a reader may take to receive the end of a stream that the relay had to end. */
const closeTimeoutMs = 1_000;

/** Runs an answer that lives and dies with its one reader. */
export async function runDirect(
  relay: RelayContext,
  request: AnswerRequest,
  reader: Reader,
): Promise<void> {
  const { provider, observe, startTrace, audit, streams, heartbeatMs } = relay;
  const { streamId, owner, caller } = request;
  const freeSlot = relay.limits.enterStream(caller.subject);
  try {
    const stream = streams.enter({ streamId, owner });
    const log = new DirectLog({ onRoom: () => production.resume() });
    const delivery = new Delivery(reader);
    const production = new Production(request, {
      provider,
      observe,
      startTrace,
      audit,
      writer: log,
      onEnd({ hasLogFailed }) {
        if (hasLogFailed) delivery.cut();
      },
    });
    // Set before anything else: a reader may leave in every phase.
    reader.onLeft = () => {
      production.cancel();
      // Many may leave in one turn: all upstreams are stopped before the first record is written.
      setImmediate(() => delivery.leave());
    };
    reader.onSlow = (error) => {
      production.cancel(error);
      delivery.flush();
    };
    let closeTimer: NodeJS.Timeout | undefined;
    stream.whenEnded((reason) => {
      production.cancel(reason);
      delivery.flush();
      // A reader who does not read would keep the relay from stopping.
      closeTimer = setTimeout(() => reader.drop(), closeTimeoutMs);
    });
    const stopExpiry = whenExpired(reader.expiresAt, (reason) => stream.end(reason));
    if (reader.hasLeft) production.cancel();
    production.start(request);
    request.onFound?.(streamId);

    try {
      const refusal = await production.refusalWithin(relay.firstByteGraceMs);
      if (refusal !== undefined) {
        reader.refuse(refusal);
        return;
      }
      production.showPositions();
      const start = { streamId, resumable: false, resumableForMs: 0, heartbeatMs };
      const outcome = await delivery.run(log.follow(delivery), { type: "start", ...start }, 0);
      if (outcome === "cut") reader.drop();
      await reader.end();
    } catch (failure) {
      production.cancel(toRelayError(failure));
      throw failure;
    } finally {
      stopExpiry();
      clearTimeout(closeTimer);
      production.notifyEnd(reader.hasLeft);
      stream.leave();
    }
  } finally {
    freeSlot();
  }
}
