import type { MessagesOptions } from "@gatestream/ui";
import { useLatest } from "../use-latest.ts";

type Callbacks = Pick<MessagesOptions, "onFeedback" | "renderEvent" | "renderToolCall">;

/** Functions that call what was given in the last render: a view keeps those that it was created with. */
export function useMessageCallbacks(given: Callbacks): Callbacks {
  const { onFeedback, renderEvent, renderToolCall } = given;
  const latest = useLatest({ onFeedback, renderEvent, renderToolCall });
  return {
    onFeedback: onFeedback && ((...values) => latest.current.onFeedback?.(...values)),
    renderEvent: renderEvent && ((...values) => latest.current.renderEvent?.(...values)),
    renderToolCall: renderToolCall && ((...values) => latest.current.renderToolCall?.(...values)),
  };
}
