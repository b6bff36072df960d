import type { ChatMessage } from "@gatestream/client/chat";

const reasons: Readonly<Record<string, string>> = {
  length: "The answer reached its length limit and is incomplete.",
  max_tokens: "The answer reached its length limit and is incomplete.",
  content_filter: "A content filter ended the answer.",
  safety: "A content filter ended the answer.",
};

/** What a reader should know of how an answer ended; undefined when it is whole, or has failed. */
export function answerNote({
  content,
  status = "done",
  reason = "",
}: ChatMessage): string | undefined {
  if (status === "cancelled") return "Stopped.";
  if (status !== "done") return undefined;
  const name = reason.toLowerCase();
  if (Object.hasOwn(reasons, name)) return reasons[name];
  return content.trim() === "" ? "The answer is empty." : undefined;
}
