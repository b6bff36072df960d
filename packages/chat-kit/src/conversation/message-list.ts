import type { ChatMessage } from "@gatestream/client/chat";
import { createAnswerView } from "./answer-view.ts";
import type { MessageActions, MessageView } from "./message-view.ts";
import { createQuestionView } from "./question-view.ts";

/** The messages of a conversation on the page. */
export interface MessageList {
  update(messages: readonly ChatMessage[], isAnswering: boolean): void;
  /** What a screen reader says of the last message. */
  spokenText(): string;
}

/** Shows messages in `element`. Instructions to the model are not shown. */
export function createMessageList(element: HTMLElement, actions: MessageActions): MessageList {
  let views = new Map<string, MessageView>();

  function createView(role: string): MessageView {
    return role === "user" ? createQuestionView(actions) : createAnswerView(actions);
  }

  return {
    update(messages, isAnswering) {
      const visible = messages.filter(({ role }) => role !== "system");
      const next = new Map<string, MessageView>();
      for (const message of visible) {
        const view = views.get(message.id) ?? createView(message.role);
        view.update(message, { isLast: message === visible.at(-1), isAnswering });
        next.set(message.id, view);
        // A conversation changes at its end only: what is new comes after what is there.
        if (!views.has(message.id)) element.append(view.element);
      }
      for (const [id, view] of views) if (!next.has(id)) view.element.remove();
      views = next;
    },
    spokenText: () => [...views.values()].at(-1)?.spokenText() ?? "",
  };
}
