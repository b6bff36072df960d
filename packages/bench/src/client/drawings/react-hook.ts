import { useTokenStream } from "@gatestream/react";
import { createElement, useEffect } from "react";
import { createRoot } from "react-dom/client";
import { answerRequest } from "../answer-request.ts";
import { drawUntilEnd, type DrawnAnswer, type Surroundings } from "./draw-until-end.ts";

function Answer({ client, meter, listeners }: Surroundings) {
  const { text, start } = useTokenStream(client, listeners);
  useEffect(() => {
    start(answerRequest);
  }, [start]);
  meter.count(text);
  return createElement("p", null, text);
}

export function drawAnswer(baseUrl: string): Promise<DrawnAnswer> {
  return drawUntilEnd(baseUrl, (surroundings) => {
    createRoot(surroundings.element).render(createElement(Answer, surroundings));
  });
}
