import { createTally } from "./tally.ts";

/** The browser's own. */
export function readAnswer(baseUrl: string): Promise<number> {
  const tally = createTally();
  const source = new EventSource(`${baseUrl}/stream`);
  return new Promise((resolve) => {
    source.addEventListener("message", ({ data }) => {
      if (!tally.addEvent(data)) return;
      source.close();
      resolve(tally.tokens());
    });
  });
}
