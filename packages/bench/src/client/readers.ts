import { createClient } from "@gatestream/client";
import { fetchEventSource } from "@microsoft/fetch-event-source";
import { DefaultChatTransport, readUIMessageStream, type UIMessage } from "ai";
import { createEventSource } from "eventsource-client";
import { answerRequest, textOfToken } from "./answer.ts";

// Ways to read an answer to its end. Each returns how many tokens it had, and is bundled alone.

/** Reads the bytes and does nothing with them: what is left when there is no client. */
export async function bareFetch(baseUrl: string): Promise<number> {
  const response = await fetch(`${baseUrl}/stream`, { method: "POST" });
  const reader = response.body?.getReader();
  let bytes = 0;
  for (;;) {
    const piece = await reader?.read();
    if (piece?.value === undefined) return bytes;
    bytes += piece.value.length;
  }
}

export async function gatestream(baseUrl: string): Promise<number> {
  const tally = createTally();
  const client = createClient({ url: baseUrl });
  await client.stream(answerRequest, { onToken: tally.add }).result();
  return tally.tokens();
}

export async function fetchEventSourceOfMicrosoft(baseUrl: string): Promise<number> {
  const tally = createTally();
  await fetchEventSource(`${baseUrl}/stream`, {
    method: "POST",
    openWhenHidden: true,
    // Named events are not the answer's.
    onmessage: ({ event, data }) => void (event === "" && tally.addEvent(data)),
  });
  return tally.tokens();
}

export function eventSourceClient(baseUrl: string): Promise<number> {
  const tally = createTally();
  return new Promise((resolve) => {
    const source = createEventSource({
      url: `${baseUrl}/stream`,
      method: "POST",
      onMessage({ event, data }) {
        if (event !== undefined || !tally.addEvent(data)) return;
        source.close();
        resolve(tally.tokens());
      },
    });
  });
}

/** The browser's own. */
export function eventSource(baseUrl: string): Promise<number> {
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

/** As its chat hooks do it: a whole message for every piece. */
export async function aiSdk(baseUrl: string): Promise<number> {
  const transport = new DefaultChatTransport<UIMessage>({ api: `${baseUrl}/ui-messages` });
  const stream = await transport.sendMessages({
    trigger: "submit-message",
    chatId: "bench",
    messageId: undefined,
    messages: [{ id: "1", role: "user", parts: [{ type: "text", text: "Hello" }] }],
    abortSignal: undefined,
  });
  let textLength = 0;
  for await (const { parts } of readUIMessageStream({ stream })) {
    const part = parts.at(-1);
    if (part?.type === "text") textLength = part.text.length;
  }
  return textLength / textOfToken.length;
}

/** What every page does with a token: it belongs to the text. */
function createTally() {
  let tokens = 0;
  let text = "";
  function add(content: string): void {
    tokens += 1;
    text += content;
  }
  return {
    add,
    /** Takes the data of one event; true when it was the last. */
    addEvent(data: string): boolean {
      // Some parsers make an event of a block that has only `retry`.
      if (data === "") return false;
      const event: { readonly type: string; readonly content?: string } = JSON.parse(data);
      if (event.type === "token") add(event.content ?? "");
      return event.type === "stop";
    },
    tokens: () => Math.min(tokens, text.length / textOfToken.length),
  };
}
