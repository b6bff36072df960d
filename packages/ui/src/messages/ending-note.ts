import type { ChatMessage } from "@gatestream/client/chat";
import type { Labels } from "../labels/labels.ts";

const filters = ["content_filter", "safety"];

/** Whether an answer has ended because it had become too long. */
export function isCutAtLimit({ status, reason = "" }: ChatMessage): boolean {
  return status === "done" && ["length", "max_tokens"].includes(reason.toLowerCase());
}

/** How an answer has ended, where a reader should know; undefined when it is whole, or has failed. */
export function endingNote(message: ChatMessage, labels: Labels): string | undefined {
  const { content, parts = [], status = "done", reason = "" } = message;
  if (status === "cancelled") return reason === "abandoned" ? labels.abandoned : labels.stopped;
  if (status !== "done") return undefined;
  if (isCutAtLimit(message)) return labels.lengthReached;
  if (filters.includes(reason.toLowerCase())) return labels.filtered;
  const hasMore = parts.some(({ type }) => type !== "text" && type !== "reasoning");
  return content.trim() === "" && !hasMore ? labels.empty : undefined;
}
