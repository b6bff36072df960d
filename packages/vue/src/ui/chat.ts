import type { Chat as Conversation } from "@gatestream/client/chat";
import { createChatView, type ChatView, type Inspector, type Labels } from "@gatestream/ui";
import { defineComponent, h, Teleport, watchEffect, type PropType, type SlotsType } from "vue";
import { callbackProps, messageCallbacks } from "./message-callbacks.ts";
import { useView } from "./use-view.ts";

/** The nodes that a page fills by itself. */
interface FilledNodes {
  readonly heading: HTMLElement;
  readonly empty: HTMLElement;
}

/**
 * A whole chat: a header if there is a heading, messages, a composer. It needs the style sheet
 * `@gatestream/ui/ui.css`, and fills what it is put into. The slot `heading` is the title of the header,
 * `empty` what is shown as long as nothing is asked.
 */
export const Chat = defineComponent({
  name: "GatestreamChat",
  inheritAttrs: false,
  props: {
    chat: { type: Object as PropType<Conversation>, required: true },
    heading: { type: String, default: undefined },
    placeholder: { type: String, default: undefined },
    labels: { type: Object as PropType<Labels>, default: undefined },
    inspector: { type: Object as PropType<Inspector>, default: undefined },
    maxMessageCharacters: { type: Number, default: undefined },
    greeting: { type: String, default: undefined },
    prompts: { type: Array as PropType<readonly string[]>, default: undefined },
    disclaimer: { type: String, default: undefined },
    imageOrigins: { type: Array as PropType<readonly string[]>, default: undefined },
    ...callbackProps,
  },
  slots: Object as SlotsType<{ heading?: object; empty?: object }>,
  setup(props, { attrs, slots }) {
    const headingNow = (nodes: FilledNodes): string | Node | undefined =>
      slots.heading ? nodes.heading : props.heading;
    const { element, view } = useView<ChatView & { readonly nodes: FilledNodes }>(
      (container) => {
        const nodes = {
          heading: document.createElement("span"),
          empty: document.createElement("div"),
        };
        const created = createChatView(container, {
          ...props,
          ...messageCallbacks(props),
          heading: headingNow(nodes),
          empty: slots.empty && nodes.empty,
        });
        return { ...created, nodes };
      },
      () => [
        props.chat,
        props.labels,
        props.inspector,
        props.maxMessageCharacters,
        props.greeting,
        props.disclaimer,
        String(props.prompts),
        String(props.imageOrigins),
        !props.onFeedback,
        !props.renderEvent,
        !props.renderToolCall,
      ],
    );
    watchEffect(() => {
      if (view.value === undefined) return;
      view.value.update({
        placeholder: props.placeholder,
        heading: headingNow(view.value.nodes),
      });
    });
    return () => [
      h("div", { ...attrs, ref: element }),
      view.value && slots.heading
        ? h(Teleport, { to: view.value.nodes.heading }, slots.heading({}))
        : null,
      view.value && slots.empty
        ? h(Teleport, { to: view.value.nodes.empty }, slots.empty({}))
        : null,
    ];
  },
});
