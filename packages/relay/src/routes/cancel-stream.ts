import type { RunningStreams } from "../flow/running-streams.ts";
import type { ResumableLog } from "../log/event-log.ts";
import { replyWithNothing } from "../transport/reply.ts";
import { notFound, ownStream } from "./follow-stream.ts";
import { ownerOf } from "./reader.ts";
import type { AdmittedExchange } from "./router.ts";

export interface CancelStreamParts {
  readonly running: RunningStreams;
  readonly resumableLog: ResumableLog | undefined;
}

/** `DELETE {base}/stream/{id}` and `POST {base}/stream/{id}/cancel`: as often as one likes. */
export async function cancelStream(
  { running, resumableLog }: CancelStreamParts,
  exchange: AdmittedExchange,
): Promise<void> {
  const { response, requestId, streamId, caller } = exchange;
  const stream = running.find(streamId);
  if (stream?.owner === ownerOf(caller)) {
    stream.abandon();
  } else if (resumableLog === undefined) {
    throw notFound();
  } else {
    ownStream(await resumableLog.find(streamId), exchange);
    await resumableLog.cancel(streamId);
  }
  replyWithNothing(response, requestId);
}
