import { ChatClient, fetchServerSentEvents } from "@tanstack/ai-client";
import { afterAll, beforeAll, vi } from "vitest";
import { describeClient } from "../describe-client.ts";

// Of a page that is hidden: it does not wait for a frame after each event.
beforeAll(() => void vi.stubGlobal("document", { hidden: true }));
afterAll(() => void vi.unstubAllGlobals());

describeClient({
  name: "TanStack AI 0.33, ChatClient",
  adapter: "ag-ui",
  onBrokenConnection: "resume",
  // Only before the first event: it has no id to resume from, and reports nothing.
  onEarlyEnd: "accept",
  onAbort: "detach",
  async ask(baseUrl, question, signal) {
    const errors: Error[] = [];
    const client = new ChatClient({
      connection: fetchServerSentEvents(`${baseUrl}/ag-ui/cfg-1`, { reconnect: { delayMs: 1 } }),
      onError: (error) => void errors.push(error),
    });
    signal.addEventListener("abort", () => client.stop());
    await client.sendMessage(question);
    const [failure] = errors;
    if (failure !== undefined) throw failure;
    const answers = client.getMessages().filter(({ role }) => role === "assistant");
    return answers
      .flatMap(({ parts }) => parts)
      .map((part) => (part.type === "text" ? part.content : ""))
      .join("");
  },
});
