import type { SourceEvent } from "@gatestream/client";
import { createMarkdownView, type Highlight, type Labels, type Maths } from "@gatestream/ui";
import { defineComponent, h, onMounted, shallowRef, watchEffect, type PropType } from "vue";

/** Markdown, safe to show while it is being written: what has settled stays on the page. */
export const Markdown = defineComponent({
  name: "GatestreamMarkdown",
  props: {
    /** The whole text so far. */
    text: { type: String, required: true },
    /** Whether the text has ended as it was meant to. */
    isWhole: { type: Boolean, default: true },
    /** `[1]` in the text is a link to source `1`. */
    sources: { type: Array as PropType<readonly SourceEvent[]>, default: undefined },
    labels: { type: Object as PropType<Labels>, default: undefined },
    highlight: { type: Function as PropType<Highlight>, default: undefined },
    maths: { type: Function as PropType<Maths>, default: undefined },
  },
  setup(props) {
    const element = shallowRef<HTMLElement>();
    onMounted(() => {
      if (element.value === undefined) return;
      const view = createMarkdownView(element.value, {
        labels: props.labels,
        highlight: props.highlight,
        maths: props.maths,
      });
      watchEffect(() =>
        view.update(props.text, { isWhole: props.isWhole, sources: props.sources }),
      );
    });
    return () => h("div", { ref: element, class: "gs-markdown", dir: "auto" });
  },
});
