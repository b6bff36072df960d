import { answerNote, spokenText } from "@gatestream/chat-kit";
import type { StreamStatus } from "@gatestream/client";
import type { ChatMessage } from "@gatestream/client/chat";

/** What a screen reader says: that an answer is coming, and then all of it; never each token. */
export function announcementOf(status: StreamStatus, answer: ChatMessage | undefined): string {
  switch (status) {
    case "idle":
    // It is told by an alert of its own.
    case "error":
      return "";
    case "done":
    case "cancelled":
      return answer === undefined ? "" : spokenAnswer(status, answer);
    default:
      return "Answering…";
  }
}

function spokenAnswer(status: StreamStatus, answer: ChatMessage): string {
  const note = answerNote(answer) ?? "";
  return status === "cancelled" ? note : `${spokenText(answer.content)} ${note}`.trim();
}
