/** How often a page rendered an answer, from its first text to the last. */
export interface Rendering {
  /** After the first: as many as there are pauses between them. */
  readonly renders: number;
  readonly seconds: number;
}

export interface RenderMeter {
  /** Belongs into every render, with what it shows; nothing is counted before there is text. */
  count(text: string): void;
  read(): Rendering;
}

export function createRenderMeter(nowMs = () => performance.now()): RenderMeter {
  let renders = 0;
  let firstAtMs: number | undefined;
  let lastAtMs = 0;
  return {
    count(text) {
      if (text === "") return;
      lastAtMs = nowMs();
      if (firstAtMs === undefined) firstAtMs = lastAtMs;
      else renders += 1;
    },
    read: () => ({ renders, seconds: (lastAtMs - (firstAtMs ?? lastAtMs)) / 1e3 }),
  };
}
