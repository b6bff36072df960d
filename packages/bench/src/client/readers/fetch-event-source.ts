import { fetchEventSource } from "@microsoft/fetch-event-source";
import { createTally } from "./tally.ts";

export async function readAnswer(baseUrl: string): Promise<number> {
  const tally = createTally();
  await fetchEventSource(`${baseUrl}/stream`, {
    method: "POST",
    openWhenHidden: true,
    // Named events are not the answer's.
    onmessage: ({ event, data }) => void (event === "" && tally.addEvent(data)),
  });
  return tally.tokens();
}
