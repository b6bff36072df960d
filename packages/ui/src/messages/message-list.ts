import type { ChatMessage, ChatSnapshot } from "@gatestream/client/chat";
import { createAnswerView } from "./answer-view.ts";
import type { MessageContext, MessageState, MessageView } from "./message-view.ts";
import { createQuestionView } from "./question-view.ts";

/** The messages of a conversation on the page. */
export interface MessageList {
  update(snapshot: ChatSnapshot): void;
  /** The view of the last message. */
  last(): MessageView | undefined;
  close(): void;
}

/** A view, and what it shows. */
interface Shown {
  readonly view: MessageView;
  message?: ChatMessage;
  state?: MessageState;
}

/** Shows messages at the end of `element`. Instructions to the model are not shown. */
export function createMessageList(
  element: HTMLElement,
  options: Omit<MessageContext, "focusBranch">,
): MessageList {
  const context = { ...options, focusBranch };
  let all = new Map<string, Shown>();
  let last: MessageView | undefined;

  function create({ role }: ChatMessage): Shown {
    return { view: role === "user" ? createQuestionView(context) : createAnswerView(context) };
  }

  function focusBranch(id: string, step: number): void {
    const buttons = all
      .get(id)
      ?.view.element.querySelectorAll<HTMLElement>(".gs-branches button:enabled");
    // At either end there is only the way back.
    buttons?.[step < 0 ? 0 : buttons.length - 1]?.focus();
  }

  return {
    update({ messages, isRunning, status, queuePosition, canResume }) {
      const visible = messages.filter(({ role }) => role !== "system");
      const next = new Map<string, Shown>();
      const counts = { user: 0, assistant: 0 };
      for (const message of visible) {
        const { id } = message;
        const shown = all.get(id) ?? create(message);
        next.set(id, shown);
        const isLast = message === visible.at(-1);
        const side = message.role === "user" ? "user" : "assistant";
        counts[side] += 1;
        const current: MessageState = {
          number: counts[side],
          isLast,
          isRunning,
          status: isLast ? status : undefined,
          queuePosition: isLast ? queuePosition : undefined,
          canResume: isLast && canResume,
        };
        const state = isSame(current, shown.state) ? shown.state : current;
        // A token changes one message of many: the others are not touched.
        if (message === shown.message && state === shown.state) continue;
        shown.message = message;
        shown.state = state;
        shown.view.update(message, state);
        // A conversation changes at its end only: what is new comes after what is there.
        if (!all.has(id)) element.append(shown.view.element);
      }
      for (const [id, { view }] of all) {
        if (next.has(id)) continue;
        view.close();
        view.element.remove();
      }
      all = next;
      last = all.get(visible.at(-1)?.id ?? "")?.view;
    },
    last: () => last,
    close() {
      for (const { view } of all.values()) view.close();
    },
  };
}

function isSame(state: MessageState, before: MessageState | undefined): before is MessageState {
  const keys = Object.keys(state) as (keyof MessageState)[];
  return keys.every((key) => state[key] === before?.[key]);
}
