import type { StreamStatus } from "@gatestream/client";

/** What the reader should know of the connection: nothing, as long as it holds. */
export type ConnectionNotice = "lost" | "resumed" | undefined;

export interface ConnectionState {
  readonly status: StreamStatus;
  /** What is there of the last answer. */
  readonly answer: string;
}

/** The notice that follows the last one; "resumed" stays until the answer has ended. */
export function nextNotice(
  last: ConnectionNotice,
  { status, answer }: ConnectionState,
): ConnectionNotice {
  // An answer that has text before it has a connection was begun before a reload.
  const isLost = status === "reconnecting" || status === "offline";
  if (isLost || (status === "connecting" && answer !== "")) return "lost";
  return status === "streaming" && last !== undefined ? "resumed" : undefined;
}

/** In words. */
export const noticeTexts = {
  lost: "Not connected. Picking the answer up where it stopped…",
  resumed: "Back again: the answer goes on where it stopped.",
} as const;
