import { Ollama } from "ollama";
import { isObject } from "@gatestream/relay/parts";
import { createOllamaFormat, ollama } from "../../recipes/ollama.ts";
import { readLines } from "../contract/read-frames.ts";
import { describeAdapter } from "../describe-adapter.ts";

const messageIn = (value: unknown): Readonly<Record<string, unknown>> =>
  isObject(value) && isObject(value["message"]) ? value["message"] : {};

describeAdapter({
  name: "Ollama's chat, of an adapter of one's own",
  adapter: ollama(),
  isFollowed: false,
  ask: (content) => ({
    path: "/ollama/api/chat",
    body: { model: "cfg-1", messages: [{ role: "user", content }], stream: true },
  }),
  createFormat: () => createOllamaFormat({ model: "cfg-1", startedAt: 0 }),
  readFrames: readLines,
  isKnown: (value) =>
    isObject(value) && (typeof value["error"] === "string" || typeof value["done"] === "boolean"),
  textIn: (value) => String(messageIn(value)["content"] ?? ""),
  endIn(value) {
    if (!isObject(value)) return undefined;
    if ("error" in value) return "failed";
    return value["done"] === true ? "whole" : undefined;
  },
  async readWithClient(fetchResponse) {
    const client = new Ollama({ host: "http://relay", fetch: fetchResponse });
    let text = "";
    for await (const { message } of await client.chat({ model: "cfg-1", stream: true })) {
      text += message.content;
    }
    return text;
  },
  isRefusal: (body) => isObject(body) && typeof body["error"] === "string",
});
