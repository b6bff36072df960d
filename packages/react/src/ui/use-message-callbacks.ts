import type { MessagesOptions } from "@gatestream/ui";
import { useLatest } from "../use-latest.ts";

type Callbacks = Pick<MessagesOptions, "onFeedback" | "renderEvent">;

/** Functions that call what was given in the last render: a view keeps those that it was created with. */
export function useMessageCallbacks({ onFeedback, renderEvent }: Callbacks): Callbacks {
  const latest = useLatest({ onFeedback, renderEvent });
  return {
    onFeedback: onFeedback && ((...given) => latest.current.onFeedback?.(...given)),
    renderEvent: renderEvent && ((...given) => latest.current.renderEvent?.(...given)),
  };
}
