import type { Chat } from "@gatestream/client/chat";
import { createComposer, type Labels } from "@gatestream/ui";
import { defineComponent, h, watchEffect, type PropType } from "vue";
import { useView } from "./use-view.ts";

/** Where messages are written; while an answer is being written, its button stops it. */
export const Composer = defineComponent({
  name: "GatestreamComposer",
  props: {
    chat: { type: Object as PropType<Chat>, required: true },
    placeholder: { type: String, default: undefined },
    labels: { type: Object as PropType<Labels>, default: undefined },
    maxMessageCharacters: { type: Number, default: undefined },
  },
  setup(props) {
    const { element, view } = useView(
      (container) => createComposer(container, props),
      () => [props.chat, props.labels, props.maxMessageCharacters],
    );
    watchEffect(() => view.value?.update({ placeholder: props.placeholder }));
    return () => h("div", { ref: element });
  },
});
