import { createMessages, type MessagesOptions } from "@gatestream/ui";
import { useMessageCallbacks } from "./use-message-callbacks.ts";
import { useView } from "./use-view.ts";

/** What the messages of a conversation are shown with. */
export interface MessagesProps extends Omit<MessagesOptions, "empty"> {
  readonly className?: string | undefined;
}

/** The messages of a conversation, and what its connection is doing. */
export function Messages({ className, ...options }: MessagesProps) {
  const { chat, labels, imageOrigins, highlight, maths } = options;
  const { onFeedback, renderEvent, renderToolCall } = options;
  const callbacks = useMessageCallbacks(options);
  const { ref } = useView(
    (element) => createMessages(element, { ...options, ...callbacks }),
    [
      chat,
      labels,
      highlight,
      maths,
      String(imageOrigins),
      onFeedback === undefined,
      renderEvent === undefined,
      renderToolCall === undefined,
    ],
  );
  return <div ref={ref} className={className} />;
}
