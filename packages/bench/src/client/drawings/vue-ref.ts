import { createApp, h, onMounted, onUpdated, ref } from "vue";
import { answerRequest } from "../answer-request.ts";
import { drawUntilEnd, type DrawnAnswer } from "./draw-until-end.ts";

/** As it is written by hand. */
export function drawAnswer(baseUrl: string): Promise<DrawnAnswer> {
  return drawUntilEnd(baseUrl, ({ element, client, meter, listeners }) => {
    const answer = createApp({
      setup() {
        const text = ref("");
        onMounted(() => {
          client.stream(answerRequest, {
            ...listeners,
            onToken: (content) => {
              text.value += content;
            },
          });
        });
        onUpdated(() => meter.count(text.value));
        return () => h("p", text.value);
      },
    });
    answer.mount(element);
  });
}
