import type { ChatMessage } from "@gatestream/client/chat";
import { createAnswerView } from "./answer-view.ts";
import type { MessageContext, MessageView } from "./message-view.ts";
import { createQuestionView } from "./question-view.ts";

/** The messages of a conversation on the page. */
export interface MessageList {
  update(messages: readonly ChatMessage[], isRunning: boolean): void;
  /** What a screen reader says of the last message. */
  spokenText(): string;
}

/** Shows messages at the end of `element`. Instructions to the model are not shown. */
export function createMessageList(element: HTMLElement, context: MessageContext): MessageList {
  let views = new Map<string, MessageView>();

  return {
    update(messages, isRunning) {
      const visible = messages.filter(({ role }) => role !== "system");
      const next = new Map<string, MessageView>();
      for (const message of visible) {
        const { id, role } = message;
        const view =
          views.get(id) ??
          (role === "user" ? createQuestionView(context) : createAnswerView(context));
        view.update(message, { isLast: message === visible.at(-1), isRunning });
        next.set(id, view);
        // A conversation changes at its end only: what is new comes after what is there.
        if (!views.has(id)) element.append(view.element);
      }
      for (const [id, view] of views) if (!next.has(id)) view.element.remove();
      views = next;
    },
    spokenText: () => [...views.values()].at(-1)?.spokenText() ?? "",
  };
}
