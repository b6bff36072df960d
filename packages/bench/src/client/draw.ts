import { createClient, type Client, type StreamOptions } from "@gatestream/client";
import { answerRequest } from "./answer.ts";

/** What a page had drawn when the answer had ended. */
export interface DrawnAnswer {
  readonly text: string;
  readonly rendersPerSecond: number;
}

/** What a page draws with. */
export interface Canvas {
  readonly element: Element;
  readonly client: Client;
  /** Belongs into every render, with what it shows. */
  readonly countRender: (text: string) => void;
  /** To pass to the stream: they report its end. */
  readonly listeners: Required<Pick<StreamOptions, "onDone" | "onError">>;
}

/** Lets a page draw into an element of its own, until its stream has ended and is on the screen. */
export async function drawUntilEnd(
  baseUrl: string,
  draw: (canvas: Canvas) => void,
): Promise<DrawnAnswer> {
  const element = document.body.appendChild(document.createElement("main"));
  const client = createClient({ url: baseUrl });
  const rendersAtMs: number[] = [];
  const countRender = (text: string): void => {
    if (text !== "") rendersAtMs.push(performance.now());
  };
  await new Promise<unknown>((onDone, onError) => {
    draw({ element, client, countRender, listeners: { onDone, onError } });
  });
  // Frameworks render the last token after its callback.
  await new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
  });
  const [first = 0] = rendersAtMs;
  const seconds = ((rendersAtMs.at(-1) ?? 0) - first) / 1e3;
  return { text: element.textContent, rendersPerSecond: (rendersAtMs.length - 1) / seconds };
}

export function withoutFramework(baseUrl: string): Promise<DrawnAnswer> {
  return drawUntilEnd(baseUrl, ({ element, client, countRender, listeners }) => {
    const stream = client.stream(answerRequest, listeners);
    stream.subscribe(() => {
      const { text } = stream.getSnapshot();
      element.textContent = text;
      countRender(text);
    });
  });
}
