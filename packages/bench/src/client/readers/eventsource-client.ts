import { createEventSource } from "eventsource-client";
import { createTally } from "./tally.ts";

export function readAnswer(baseUrl: string): Promise<number> {
  const tally = createTally();
  return new Promise((resolve) => {
    const source = createEventSource({
      url: `${baseUrl}/stream`,
      method: "POST",
      onMessage({ event, data }) {
        // Named events are not the answer's.
        if (event !== undefined || !tally.addEvent(data)) return;
        source.close();
        resolve(tally.tokens());
      },
    });
  });
}
