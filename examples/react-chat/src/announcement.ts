import type { StreamStatus } from "@gatestream/client";

/** What a screen reader says: that an answer is coming, and then all of it; never each token. */
export function announcementOf(status: StreamStatus, answer: string): string {
  switch (status) {
    case "idle":
    // It is told by an alert of its own.
    case "error":
      return "";
    case "done":
      return withoutMarks(answer);
    case "cancelled":
      return "Stopped.";
    default:
      return "Answering…";
  }
}

/** The marks of Markdown are for the eye. */
function withoutMarks(markdown: string): string {
  return markdown.replaceAll(/^#+ |[*_`]/gm, "");
}
