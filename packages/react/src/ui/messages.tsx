import { createMessages, type MessagesOptions } from "@gatestream/ui";
import { useView } from "./use-view.ts";

/** What the messages of a conversation are shown with. */
export interface MessagesProps extends Omit<MessagesOptions, "empty"> {
  readonly className?: string | undefined;
}

/** The messages of a conversation, and what its connection is doing. */
export function Messages({ className, ...options }: MessagesProps) {
  const { ref } = useView(
    (element) => createMessages(element, options),
    [options.chat, options.labels],
  );
  return <div ref={ref} className={className} />;
}
