import { Ollama } from "ollama";
import { vi } from "vitest";
import { ollama } from "../../recipes/ollama.ts";
import { describeClient, type RealClient } from "../describe-client.ts";

// Of a line that was cut it says so, besides the error.
vi.spyOn(console, "warn").mockImplementation(() => {});

const base = {
  adapter: ollama(),
  onBrokenConnection: "error",
  onEarlyEnd: "error",
  onAbort: "cancel",
} as const satisfies Partial<RealClient>;

/** It has no signal for a request. */
function clientAt(baseUrl: string, signal: AbortSignal): Ollama {
  return new Ollama({
    host: `${baseUrl}/ollama`,
    fetch: (url, options) => fetch(url, { ...options, signal }),
  });
}

const asked = (content: string) => ({ model: "cfg-1", messages: [{ role: "user", content }] });

describeClient({
  ...base,
  name: "ollama 0.6",
  async ask(baseUrl, question, signal) {
    let text = "";
    const stream = await clientAt(baseUrl, signal).chat({ ...asked(question), stream: true });
    for await (const { message } of stream) text += message.content;
    return text;
  },
});

describeClient({
  ...base,
  name: "ollama 0.6, the answer whole",
  takesWhole: true,
  ask: async (baseUrl, question, signal) =>
    (await clientAt(baseUrl, signal).chat({ ...asked(question), stream: false })).message.content,
});
