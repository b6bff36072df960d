import type { ChatMessage } from "@gatestream/client/chat";
import { buildElement } from "../build-element.ts";
import { copyText } from "../copy-text.ts";
import { createIconButton, type IconButton } from "./icon-button.ts";
import type { MessageContext, MessageState } from "./message-view.ts";

const copiedForMs = 2000;

/** What can be done with a message, and when it was written. */
export interface MessageActions {
  readonly element: HTMLElement;
  update(message: ChatMessage, state: MessageState): void;
}

/**
 * Copying, other branches and the time, which questions and answers share, around `own` buttons.
 *
 * @param readHtml The text as it is shown, for the clipboard.
 */
export function createMessageActions(
  { chat, labels, announce, focusBranch }: MessageContext,
  own: readonly IconButton[],
  readHtml?: () => string,
): MessageActions {
  let shown: ChatMessage | undefined;
  let last: MessageState | undefined;
  let branches: readonly ChatMessage[] = [];
  const copy = createIconButton("copy", labels.copy, () => {
    void copyText(shown?.content ?? "", readHtml?.()).then((isCopied) => {
      const label = isCopied ? labels.copied : labels.cannotCopy;
      copy.setFace(isCopied ? "done" : "copy", label);
      announce(label);
      setTimeout(() => copy.setFace("copy", labels.copy), copiedForMs);
    });
  });
  const previous = createIconButton("previous", labels.previousBranch, () => select(-1));
  const following = createIconButton("next", labels.nextBranch, () => select(1));
  const position = new Text();
  const group = buildElement(
    "span",
    { class: "gs-branches", part: "branches" },
    previous.element,
    position,
    following.element,
  );
  const time = buildElement("time", { class: "gs-time" });
  const element = buildElement(
    "div",
    { class: "gs-message-actions", part: "actions" },
    group,
    copy.element,
    ...own.map((button) => button.element),
    time,
  );

  const place = (): number => branches.findIndex(({ id }) => id === shown?.id);

  function select(step: number): void {
    const id = branches[place() + step]?.id;
    if (id !== undefined && chat.selectBranch(id)) focusBranch(id, step);
  }

  function showBranches(isRunning: boolean): void {
    const number = place() + 1;
    group.hidden = branches.length < 2;
    position.data = `${number} / ${branches.length}`;
    previous.element.disabled = isRunning || number <= 1;
    following.element.disabled = isRunning || number === branches.length;
  }

  function showTime({ createdAt }: ChatMessage): void {
    time.hidden = createdAt === undefined;
    if (createdAt === undefined) return;
    const date = new Date(createdAt);
    time.dateTime = date.toISOString();
    time.textContent = date.toLocaleTimeString([], { timeStyle: "short" });
    time.title = date.toLocaleString();
  }

  return {
    element,
    update(message, state) {
      const { number, isLast, isRunning } = state;
      const isAnswer = message.role !== "user";
      if (message.createdAt !== shown?.createdAt || shown === undefined) showTime(message);
      shown = message;
      if (state === last && message.status === "streaming") return;
      copy.element.hidden = message.content === "";
      if (number !== last?.number) {
        for (const { setName } of [previous, following, copy, ...own]) {
          setName((label) => labels.actionOn(label, isAnswer, number));
        }
      }
      // Another branch beside a message is another message: what is shown already gets none.
      if (isLast || last === undefined) branches = chat.branches(message.id);
      showBranches(isRunning);
      last = state;
    },
  };
}
