import type { StreamStatus } from "@gatestream/client";
import type { Chat, ChatMessage } from "@gatestream/client/chat";
import { buildElement } from "../build-element.ts";
import type { Labels } from "../labels/labels.ts";
import type { MessagesOptions } from "./messages.ts";

/** What the messages of one conversation are shown with. */
export interface MessageContext {
  readonly chat: Chat;
  readonly labels: Labels;
  /** Called when a message's button has asked for an answer: its focus is lost. */
  readonly onAsked: () => void;
  /** Has a screen reader say what a button has done. */
  readonly announce: (words: string) => void;
  /** Puts the focus on the button of this message that the last branch was chosen by. */
  readonly focusBranch: (id: string, step: number) => void;
  readonly maxMessageCharacters: number;
  readonly onFeedback: MessagesOptions["onFeedback"];
  readonly renderEvent: MessagesOptions["renderEvent"];
  readonly renderToolCall: MessagesOptions["renderToolCall"];
  readonly imageOrigins: MessagesOptions["imageOrigins"];
  readonly highlight: MessagesOptions["highlight"];
  readonly maths: MessagesOptions["maths"];
}

/** Where a message stands in its conversation. */
export interface MessageState {
  /** The first message of its side is 1. */
  readonly number: number;
  readonly isLast: boolean;
  /** Whether an answer is being written, this one or another. */
  readonly isRunning: boolean;
  /** What the last answer is doing; undefined for every other message. */
  readonly status: StreamStatus | undefined;
  /** Its place in the queue, where it is known. */
  readonly queuePosition: number | undefined;
  /** Whether `resume` goes on with this answer. */
  readonly canResume: boolean;
}

/** One message on the page. */
export interface MessageView {
  readonly element: HTMLElement;
  /** Called when the message or its state is another one. */
  update(message: ChatMessage, state: MessageState): void;
  /** What a screen reader says of it. */
  spokenText(): string;
  /** Ends its timers, when it is taken off the page. */
  close(): void;
}

/** The frame that questions and answers share. */
export function buildMessage(
  role: "user" | "assistant",
  label: string,
  ...parts: readonly HTMLElement[]
): HTMLElement {
  return buildElement(
    "article",
    {
      class: "gs-message",
      part: `message ${role}-message`,
      "data-role": role,
      "aria-label": label,
    },
    // Screen readers jump from heading to heading.
    buildElement("h2", { class: "gs-visually-hidden" }, label),
    ...parts,
  );
}
