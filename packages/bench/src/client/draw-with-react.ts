import { useTokenStream } from "@gatestream/react";
import { createElement, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { answerRequest } from "./answer.ts";
import { drawUntilEnd, type Canvas } from "./draw.ts";

function AnswerOfHook({ client, countRender, listeners }: Canvas) {
  const { text, start } = useTokenStream(client, listeners);
  useEffect(() => {
    start(answerRequest);
  }, [start]);
  countRender(text);
  return createElement("p", null, text);
}

/** As it is written by hand. */
function AnswerOfState({ client, countRender, listeners }: Canvas) {
  const [text, setText] = useState("");
  useEffect(() => {
    const onToken = (content: string): void => setText((before) => before + content);
    const stream = client.stream(answerRequest, { ...listeners, onToken });
    return () => stream.disconnect();
  }, [client, listeners]);
  countRender(text);
  return createElement("p", null, text);
}

const drawWith = (answer: typeof AnswerOfHook) => (baseUrl: string) =>
  drawUntilEnd(baseUrl, (canvas) => {
    createRoot(canvas.element).render(createElement(answer, canvas));
  });

export const withHook = drawWith(AnswerOfHook);
export const withState = drawWith(AnswerOfState);
