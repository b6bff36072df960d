import type { ChatMessage } from "@gatestream/client/chat";
import { buildElement } from "../build-element.ts";

/** What a message can be asked for on the page. */
export interface MessageActions {
  readonly onRetry: () => void;
  readonly onEdit: (id: string, text: string) => void;
}

/** Where a message stands in its conversation. */
export interface MessagePlace {
  readonly isLast: boolean;
  /** Whether an answer is on its way, this one or another. */
  readonly isAnswering: boolean;
}

/** One message on the page. */
export interface MessageView {
  readonly element: HTMLElement;
  update(message: ChatMessage, place: MessagePlace): void;
  /** What a screen reader says of it. */
  spokenText(): string;
}

/** The frame that questions and answers share. */
export function buildMessage(role: "user" | "assistant", ...parts: HTMLElement[]): HTMLElement {
  const label = role === "user" ? "You" : "Answer";
  return buildElement(
    "article",
    {
      class: "gs-message",
      part: `message ${role}-message`,
      "data-role": role,
      "aria-label": label,
    },
    ...parts,
  );
}
