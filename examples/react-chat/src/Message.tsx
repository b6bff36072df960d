import type { ChatMessage } from "@gatestream/client/chat";
import { Answer } from "./Answer.tsx";
import { Question } from "./Question.tsx";

export interface MessageProps {
  readonly message: ChatMessage;
  /** Undefined where it cannot be asked in other words now. */
  readonly onEdit: ((id: string, text: string) => void) | undefined;
  /** Undefined where it cannot be had again now. */
  readonly onRetry: (() => void) | undefined;
}

/** A question or an answer. */
export function Message({ message, onEdit, onRetry }: MessageProps) {
  if (message.role === "user") return <Question message={message} onEdit={onEdit} />;
  return <Answer message={message} onRetry={onRetry} />;
}
