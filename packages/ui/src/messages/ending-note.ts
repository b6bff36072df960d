import type { ChatMessage } from "@gatestream/client/chat";
import type { Labels } from "../labels/labels.ts";

const limits = ["length", "max_tokens"];
const filters = ["content_filter", "safety"];

/** How an answer has ended, where a reader should know; undefined when it is whole, or has failed. */
export function endingNote(
  { content, status = "done", reason = "" }: ChatMessage,
  labels: Labels,
): string | undefined {
  if (status === "cancelled") return labels.stopped;
  if (status !== "done") return undefined;
  const name = reason.toLowerCase();
  if (limits.includes(name)) return labels.lengthReached;
  if (filters.includes(name)) return labels.filtered;
  return content.trim() === "" ? labels.empty : undefined;
}
