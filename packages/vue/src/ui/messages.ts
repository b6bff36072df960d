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
    imageOrigins: { type: Array as PropType<readonly string[]>, default: undefined },
    labels: { type: Object as PropType<Labels>, default: undefined },
    ...callbackProps,
  },
  setup(props) {
    const { element } = useView(
      (container) => createMessages(container, { ...props, ...messageCallbacks(props) }),
      () => [
        props.chat,
        props.labels,
        String(props.imageOrigins),
        !props.onFeedback,
        !props.renderEvent,
        !props.renderToolCall,
      ],
    );
    return () => h("div", { ref: element });
  },
});
