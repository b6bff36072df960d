import OpenAI from "openai";
import { describeClient, type RealClient } from "../describe-client.ts";

const base = {
  adapter: "openai",
  onBrokenConnection: "error",
  onAbort: "cancel",
} as const satisfies Partial<RealClient>;

function responsesAt(baseUrl: string) {
  return new OpenAI({ baseURL: `${baseUrl}/v1`, apiKey: "none", maxRetries: 0, logLevel: "off" })
    .responses;
}

describeClient({
  ...base,
  name: "openai 6, responses, its stream helper",
  // It gives what there is; `status` is `in_progress` then.
  onEarlyEnd: "accept",
  async ask(baseUrl, input, signal) {
    const stream = responsesAt(baseUrl).stream({ model: "cfg-1", input }, { signal });
    return (await stream.finalResponse()).output_text;
  },
});

describeClient({
  ...base,
  name: "openai 6, responses, whole",
  takesWhole: true,
  onEarlyEnd: "error",
  async ask(baseUrl, input, signal) {
    const response = await responsesAt(baseUrl).create({ model: "cfg-1", input }, { signal });
    return response.output_text;
  },
});
