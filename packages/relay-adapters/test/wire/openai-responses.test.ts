import OpenAI from "openai";
import { isObject } from "@gatestream/relay/parts";
import { openaiAdapter } from "../../src/index.ts";
import { createResponseFormat } from "../../src/openai/responses/format.ts";
import type { Frame } from "../contract/read-frames.ts";
import { describeAdapter } from "../describe-adapter.ts";

interface ResponseEvent {
  readonly type: string;
  readonly sequence_number: number;
  readonly delta?: string;
  readonly response?: { readonly id: string };
}

function isEvent(value: unknown): value is ResponseEvent {
  return (
    isObject(value) &&
    /^(?:response\.[\w.]+|error)$/.test(String(value["type"])) &&
    Number.isSafeInteger(value["sequence_number"])
  );
}

const typeOf = (value: unknown): string => (isEvent(value) ? value.type : "");

const asked = (content: string) => ({
  path: "/v1/responses",
  body: { model: "cfg-1", input: content, stream: true },
});

const numberOf = (received: readonly Frame[]): number => {
  const { value } = received.at(-1) ?? {};
  return isEvent(value) ? value.sequence_number : -1;
};
const facts = { model: "cfg-1", startedAt: 0, metadata: {}, isBackground: true };
const options = { facts, maxChars: 1_000_000 };

describeAdapter({
  name: "OpenAI's Responses",
  adapter: openaiAdapter(),
  isFollowed: true,
  ask: asked,
  createFormat: () => createResponseFormat(options),
  isKnown: isEvent,
  textIn: (value) =>
    isEvent(value) && value.type === "response.output_text.delta" ? (value.delta ?? "") : "",
  endIn(value) {
    if (typeOf(value) === "error") return "failed";
    return /^response\.(?:completed|incomplete)$/.test(typeOf(value)) ? "whole" : undefined;
  },
  async readWithClient(fetchResponse) {
    const client = new OpenAI({ baseURL: "http://relay", apiKey: "none", fetch: fetchResponse });
    const { output_text: text } = await client.responses
      .stream({ model: "cfg-1", input: "" })
      .finalResponse();
    return text;
  },
  isRefusal: (body) => isObject(body) && isObject(body["error"]),
  resume: {
    ask: (content) => ({
      ...asked(content),
      body: { ...asked(content).body, background: true },
    }),
    hasCursor: () => true,
    askAfter(received) {
      const { value } = received[0] ?? {};
      const id = isEvent(value) ? value.response?.id : "";
      const after = `starting_after=${numberOf(received)}`;
      return { method: "GET", path: `/v1/responses/${id}?stream=true&${after}`, body: undefined };
    },
    createFormatAfter: (received) =>
      createResponseFormat({ ...options, startingAfter: numberOf(received) }),
  },
});
