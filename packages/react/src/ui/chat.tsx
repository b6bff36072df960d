import { createChatView, type ChatView, type ChatViewOptions } from "@gatestream/ui";
import { useEffect, type ReactNode } from "react";
import { createPortal } from "react-dom";
import { useMessageCallbacks } from "./use-message-callbacks.ts";
import { useView } from "./use-view.ts";

/** What a whole chat is shown with. */
export interface ChatProps extends Omit<ChatViewOptions, "heading" | "empty"> {
  /**
   * The title of a header, which also has a button that begins a new chat.
   *
   * @defaultValue no header
   */
  readonly heading?: ReactNode;
  /**
   * What is shown as long as nothing is asked.
   *
   * @defaultValue the greeting of the labels
   */
  readonly empty?: ReactNode;
  readonly className?: string | undefined;
}

/** The nodes that a page fills by itself. */
interface Slots {
  readonly heading: HTMLElement;
  readonly empty: HTMLElement | undefined;
}

/**
 * A whole chat: a header if there is a heading, messages, a composer. It needs the style sheet
 * `@gatestream/ui/ui.css`, and fills what it is put into.
 */
export function Chat({ heading, empty, className, ...options }: ChatProps) {
  const {
    chat,
    labels,
    inspector,
    placeholder,
    maxMessageCharacters,
    greeting,
    prompts,
    disclaimer,
  } = options;
  const { onFeedback, renderEvent, renderToolCall, imageOrigins, highlight, maths } = options;
  const callbacks = useMessageCallbacks(options);
  const hasHeading = heading !== undefined;
  const hasEmpty = empty !== undefined;
  const { ref, view } = useView<ChatView & { readonly slots: Slots }>(
    (element) => {
      const slots = {
        heading: document.createElement("span"),
        empty: hasEmpty ? document.createElement("div") : undefined,
      };
      const created = createChatView(element, {
        ...options,
        ...callbacks,
        heading: hasHeading ? slots.heading : undefined,
        empty: slots.empty,
      });
      return { ...created, slots };
    },
    [
      chat,
      labels,
      highlight,
      maths,
      String(imageOrigins),
      inspector,
      maxMessageCharacters,
      greeting,
      String(prompts),
      disclaimer,
      hasEmpty,
      onFeedback === undefined,
      renderEvent === undefined,
      renderToolCall === undefined,
    ],
  );
  useEffect(
    () => view?.update({ placeholder, heading: hasHeading ? view.slots.heading : undefined }),
    [view, placeholder, hasHeading],
  );
  return (
    <>
      <div ref={ref} className={className} />
      {view && createPortal(heading, view.slots.heading)}
      {view?.slots.empty && createPortal(empty, view.slots.empty)}
    </>
  );
}
