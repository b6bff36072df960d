import { createElement, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { answerRequest } from "../answer-request.ts";
import { drawUntilEnd, type DrawnAnswer, type Surroundings } from "./draw-until-end.ts";

/** As it is written by hand. */
function Answer({ client, meter, listeners }: Surroundings) {
  const [text, setText] = useState("");
  useEffect(() => {
    const stream = client.stream(answerRequest, {
      ...listeners,
      onToken: (content) => setText((before) => before + content),
    });
    return () => stream.disconnect();
  }, [client, listeners]);
  meter.count(text);
  return createElement("p", null, text);
}

export function drawAnswer(baseUrl: string): Promise<DrawnAnswer> {
  return drawUntilEnd(baseUrl, (surroundings) => {
    createRoot(surroundings.element).render(createElement(Answer, surroundings));
  });
}
