import { useTokenStream } from "@gatestream/vue";
import { createApp, h, onMounted, onUpdated } from "vue";
import { answerRequest } from "../answer-request.ts";
import { drawUntilEnd, type DrawnAnswer } from "./draw-until-end.ts";

export function drawAnswer(baseUrl: string): Promise<DrawnAnswer> {
  return drawUntilEnd(baseUrl, ({ element, client, meter, listeners }) => {
    const answer = createApp({
      setup() {
        const { text, start } = useTokenStream(client, listeners);
        onMounted(() => start(answerRequest));
        onUpdated(() => meter.count(text.value));
        return () => h("p", text.value);
      },
    });
    answer.mount(element);
  });
}
