import type { Caller } from "../admission/caller.ts";
import type { SubjectLimits } from "../admission/limits/subject-limits.ts";
import type { RunningStreams } from "../flow/running-streams.ts";
import type { ResumableLog } from "../log/event-log.ts";
import { replyWithNothing } from "../transport/reply.ts";
import { notFound, ownStream } from "./follow-stream.ts";
import { ownerOf } from "./reader.ts";
import type { AdmittedExchange } from "./router.ts";

export interface CancelStreamParts {
  readonly running: RunningStreams;
  readonly resumableLog: ResumableLog | undefined;
  readonly limits: SubjectLimits;
}

/** `DELETE {base}/stream/{id}` and `POST {base}/stream/{id}/cancel`: as often as one likes. */
export async function cancelStream(
  parts: CancelStreamParts,
  { response, requestId, streamId, caller }: AdmittedExchange,
): Promise<void> {
  await cancelFor(parts, caller, streamId);
  replyWithNothing(response, requestId);
}

/** @throws RelayError `stream_not_found` for a stream that is unknown, or somebody else's. */
export async function cancelFor(
  { running, resumableLog, limits }: CancelStreamParts,
  caller: Caller,
  streamId: string,
): Promise<void> {
  await limits.countLookup(caller.subject);
  const stream = running.find(streamId);
  if (stream?.owner === ownerOf(caller)) {
    stream.end();
  } else if (resumableLog === undefined) {
    throw notFound();
  } else {
    ownStream(await resumableLog.find(streamId), caller);
    await resumableLog.cancel(streamId);
  }
}
