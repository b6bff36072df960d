import { answerRequest } from "../answer-request.ts";
import { drawUntilEnd, type DrawnAnswer } from "./draw-until-end.ts";

export function drawAnswer(baseUrl: string): Promise<DrawnAnswer> {
  return drawUntilEnd(baseUrl, ({ element, client, meter, listeners }) => {
    const paragraph = element.appendChild(document.createElement("p"));
    const stream = client.stream(answerRequest, listeners);
    stream.subscribe(() => {
      const { text } = stream.getSnapshot();
      paragraph.textContent = text;
      meter.count(text);
    });
  });
}
