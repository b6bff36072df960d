import type { MessagesOptions } from "@gatestream/ui";
import type { PropType } from "vue";

type Callbacks = Pick<
  MessagesOptions,
  "onFeedback" | "renderEvent" | "renderToolCall" | "highlight" | "maths"
>;

/** Props of what shows messages; `@feedback` listens to the first one. */
export const callbackProps = {
  onFeedback: { type: Function as PropType<Callbacks["onFeedback"]>, default: undefined },
  renderEvent: { type: Function as PropType<Callbacks["renderEvent"]>, default: undefined },
  renderToolCall: { type: Function as PropType<Callbacks["renderToolCall"]>, default: undefined },
  maths: { type: Function as PropType<Callbacks["maths"]>, default: undefined },
  highlight: { type: Function as PropType<Callbacks["highlight"]>, default: undefined },
};

/** Functions that call what the props are now: a view keeps those that it was created with. */
export function messageCallbacks(props: Callbacks): Callbacks {
  return {
    onFeedback: props.onFeedback && ((...given) => props.onFeedback?.(...given)),
    renderEvent: props.renderEvent && ((...given) => props.renderEvent?.(...given)),
    renderToolCall: props.renderToolCall && ((...given) => props.renderToolCall?.(...given)),
    maths: props.maths && ((...given) => props.maths?.(...given)),
    highlight: props.highlight && ((...given) => props.highlight?.(...given)),
  };
}
