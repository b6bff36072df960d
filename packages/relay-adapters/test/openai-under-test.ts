import OpenAI from "openai";
import { ask, question, replyTo } from "@gatestream/testing/ask";
import {
  startRelay,
  type RelayUnderTest,
  type RelayUnderTestOptions,
} from "@gatestream/testing/relay-under-test";
import { openaiAdapter } from "../src/index.ts";

export const openaiOptions = {
  adapters: [openaiAdapter()],
  allowedOptions: ["maxOutputTokens", "tools", "toolChoice", "responseFormat"],
} satisfies RelayUnderTestOptions;

/** OpenAI's own client to a relay. */
export function clientOf({ url }: Pick<RelayUnderTest, "url">): OpenAI {
  return new OpenAI({ baseURL: `${url}/api/llm/v1`, apiKey: "none" });
}

export interface OpenaiUnderTest extends RelayUnderTest {
  readonly client: OpenAI;
  /** What the gateway was asked. */
  chatCalls(): readonly unknown[];
}

function chatCallsOf({ emulator }: Pick<RelayUnderTest, "emulator">) {
  return emulator.calls.filter(({ kind }) => kind === "chat");
}

/** A relay and OpenAI's own client to it. */
export async function startOpenai(options: RelayUnderTestOptions = {}): Promise<OpenaiUnderTest> {
  const under = await startRelay({ ...openaiOptions, ...options });
  return { ...under, client: clientOf(under), chatCalls: () => chatCallsOf(under) };
}

/** The text of an answer in the relay's own events. */
export async function nativeText(streamUrl: string, content = "Hello"): Promise<string> {
  const { text } = await replyTo(ask(streamUrl, question(content)));
  return text
    .split("\n")
    .filter((line) => line.startsWith('data: {"type":"token"'))
    .map((line) => JSON.parse(line.slice(6)).content)
    .join("");
}

/** All that a stream gives, and what it throws. */
export async function readAll<Event>(stream: AsyncIterable<Event>) {
  const events: Event[] = [];
  try {
    for await (const event of stream) events.push(event);
    return { events, failure: undefined };
  } catch (failure) {
    return { events, failure };
  }
}
