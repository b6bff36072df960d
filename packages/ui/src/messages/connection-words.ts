import type { StreamStatus } from "@gatestream/client";
import type { Labels } from "../labels/labels.ts";

/** Why nothing comes, where that is known. */
export function connectionWords(
  status: StreamStatus | undefined,
  queuePosition: number | undefined,
  labels: Labels,
): string | undefined {
  if (status === "queued") {
    return queuePosition === undefined ? labels.queued : labels.queuedAt(queuePosition);
  }
  return status === "reconnecting" || status === "offline" ? labels[status] : undefined;
}
