import { useTokenStream } from "@gatestream/vue";
import { createApp, h, onMounted, onUpdated, ref, type Ref } from "vue";
import { answerRequest } from "./answer.ts";
import { drawUntilEnd, type Canvas } from "./draw.ts";

function setUpComposable({ client, listeners }: Canvas): Readonly<Ref<string>> {
  const { text, start } = useTokenStream(client, listeners);
  onMounted(() => start(answerRequest));
  return text;
}

/** As it is written by hand. */
function setUpRef({ client, listeners }: Canvas): Ref<string> {
  const text = ref("");
  const onToken = (content: string): void => void (text.value += content);
  onMounted(() => client.stream(answerRequest, { ...listeners, onToken }));
  return text;
}

const drawWith = (setUp: typeof setUpComposable) => (baseUrl: string) =>
  drawUntilEnd(baseUrl, (canvas) => {
    const answer = createApp({
      setup() {
        const text = setUp(canvas);
        onUpdated(() => canvas.countRender(text.value));
        return () => h("p", text.value);
      },
    });
    answer.mount(canvas.element);
  });

export const withComposable = drawWith(setUpComposable);
export const withRef = drawWith(setUpRef);
