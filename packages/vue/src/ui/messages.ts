import type { Chat } from "@gatestream/client/chat";
import { createMessages, type Labels } from "@gatestream/ui";
import { defineComponent, h, type PropType } from "vue";
import { callbackProps, messageCallbacks } from "./message-callbacks.ts";
import { useView } from "./use-view.ts";

/** The messages of a conversation, and what its connection is doing. */
export const Messages = defineComponent({
  name: "GatestreamMessages",
  props: {
    chat: { type: Object as PropType<Chat>, required: true },
    labels: { type: Object as PropType<Labels>, default: undefined },
    ...callbackProps,
  },
  setup(props) {
    const { element } = useView(
      (container) => createMessages(container, { ...props, ...messageCallbacks(props) }),
      () => [props.chat, props.labels, !props.onFeedback, !props.renderEvent],
    );
    return () => h("div", { ref: element });
  },
});
