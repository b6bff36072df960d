import { createClient, type Client, type StreamOptions } from "@gatestream/client";
import { createRenderMeter, type RenderMeter, type Rendering } from "./render-meter.ts";

/** What a page had drawn when the answer had ended. */
export interface DrawnAnswer extends Rendering {
  readonly text: string;
}

/** What a page draws with. */
export interface Surroundings {
  readonly element: Element;
  readonly client: Client;
  readonly meter: RenderMeter;
  /** To pass to the stream: they report its end. */
  readonly listeners: Required<Pick<StreamOptions, "onDone" | "onError">>;
}

/** Lets a page draw into an element of its own, until its stream has ended and is on the screen. */
export async function drawUntilEnd(
  baseUrl: string,
  draw: (surroundings: Surroundings) => void,
): Promise<DrawnAnswer> {
  const element = document.body.appendChild(document.createElement("main"));
  const meter = createRenderMeter();
  const client = createClient({ url: baseUrl });
  await new Promise<unknown>((onDone, onError) => {
    draw({ element, client, meter, listeners: { onDone, onError } });
  });
  await nextPaint();
  return { ...meter.read(), text: element.textContent };
}

/** Frameworks render the last token after its callback. */
function nextPaint(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
  });
}
