import OpenAI from "openai-7";
import { describeClient, type RealClient } from "../describe-client.ts";

const base = {
  adapter: "openai",
  onBrokenConnection: "error",
  onEarlyEnd: "error",
  onAbort: "cancel",
} as const satisfies Partial<RealClient>;

function clientAt(baseUrl: string): OpenAI {
  return new OpenAI({ baseURL: `${baseUrl}/v1`, apiKey: "none", maxRetries: 0, logLevel: "off" });
}

describeClient({
  ...base,
  name: "openai 7, its stream helper",
  async ask(baseUrl, content, signal) {
    const asked = { model: "cfg-1", messages: [{ role: "user" as const, content }] };
    const stream = clientAt(baseUrl).chat.completions.stream(asked, { signal });
    return (await stream.finalContent()) ?? "";
  },
});

describeClient({
  ...base,
  name: "openai 7, responses, a loop that asks how they ended",
  async ask(baseUrl, input, signal) {
    const asked = { model: "cfg-1", input, stream: true } as const;
    let text = "";
    let isComplete = false;
    for await (const event of await clientAt(baseUrl).responses.create(asked, { signal })) {
      if (event.type === "response.output_text.delta") text += event.delta;
      isComplete = event.type === "response.completed" || event.type === "response.incomplete";
    }
    if (!isComplete) throw new Error("The response broke off.");
    return text;
  },
});
