import OpenAI from "openai-7";
import { describeClient } from "../describe-client.ts";

function clientAt(baseUrl: string): OpenAI {
  return new OpenAI({ baseURL: `${baseUrl}/v1`, apiKey: "none", maxRetries: 0, logLevel: "off" });
}

describeClient({
  name: "openai 7, its stream helper",
  adapter: "openai",
  onBrokenConnection: "error",
  onEarlyEnd: "error",
  onAbort: "cancel",
  async ask(baseUrl, content, signal) {
    const asked = { model: "cfg-1", messages: [{ role: "user" as const, content }] };
    const stream = clientAt(baseUrl).chat.completions.stream(asked, { signal });
    return (await stream.finalContent()) ?? "";
  },
});

describeClient({
  name: "openai 7, a response in the background whose reader resumes",
  adapter: "openai",
  onBrokenConnection: "resume",
  onEarlyEnd: "resume",
  onAbort: "detach",
  async ask(baseUrl, input, signal) {
    const { responses } = clientAt(baseUrl);
    const asked = { model: "cfg-1", input, background: true, stream: true } as const;
    let stream = await responses.create(asked, { signal });
    let id = "";
    let last = -1;
    let text = "";
    for (;;) {
      let failure: unknown;
      let hasFailed = false;
      try {
        for await (const event of stream) {
          last = event.sequence_number;
          if (event.type === "response.created") id = event.response.id;
          if (event.type === "response.output_text.delta") text += event.delta;
          if (event.type === "response.completed" || event.type === "response.incomplete") {
            return text;
          }
          hasFailed ||= event.type === "response.failed";
        }
      } catch (error) {
        failure = error;
      }
      // Without its id it cannot be retrieved.
      if (hasFailed || id === "" || signal.aborted) throw failure ?? new Error("It broke off.");
      const rest = { stream: true, starting_after: last } as const;
      stream = await responses.retrieve(id, rest, { signal });
    }
  },
});
