import OpenAI from "openai";
import { describeClient, type RealClient } from "../describe-client.ts";

const base = {
  adapter: "openai",
  onBrokenConnection: "error",
  onAbort: "cancel",
} as const satisfies Partial<RealClient>;

function completionsAt(baseUrl: string) {
  const client = new OpenAI({ baseURL: `${baseUrl}/v1`, apiKey: "none", maxRetries: 0 });
  return client.chat.completions;
}

const asked = (content: string) => ({
  model: "cfg-1",
  messages: [{ role: "user" as const, content }],
});

describeClient({
  ...base,
  name: "openai 6, a loop over its chunks",
  onEarlyEnd: "accept",
  async ask(baseUrl, question, signal) {
    let text = "";
    const stream = await completionsAt(baseUrl).create(
      { ...asked(question), stream: true },
      { signal },
    );
    for await (const { choices } of stream) text += choices[0]?.delta.content ?? "";
    return text;
  },
});

describeClient({
  ...base,
  name: "openai 6, the answer whole",
  takesWhole: true,
  onEarlyEnd: "error",
  async ask(baseUrl, question, signal) {
    const { choices } = await completionsAt(baseUrl).create(asked(question), { signal });
    return choices[0]?.message.content ?? "";
  },
});
