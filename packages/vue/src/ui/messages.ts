import type { Chat } from "@gatestream/client/chat";
import { createMessages, type Labels } from "@gatestream/ui";
import { defineComponent, h, type PropType } from "vue";
import { useView } from "./use-view.ts";

/** The messages of a conversation, and what its connection is doing. */
export const Messages = defineComponent({
  name: "GatestreamMessages",
  props: {
    chat: { type: Object as PropType<Chat>, required: true },
    labels: { type: Object as PropType<Labels>, default: undefined },
  },
  setup(props) {
    const { element } = useView(
      (container) => createMessages(container, props),
      () => [props.chat, props.labels],
    );
    return () => h("div", { ref: element });
  },
});
