import { isObject } from "@gatestream/relay/parts";
import { asSchema, uiMessageChunkSchema } from "ai";
import { createUiMessageFormat } from "../../src/ai-sdk/format.ts";
import { createUnread } from "../../src/ai-sdk/unread.ts";
import { aiSdk } from "../../src/index.ts";
import { describeAdapter } from "../describe-adapter.ts";
import { askWith } from "../ask-ai-sdk.ts";

const schema = asSchema(uiMessageChunkSchema);
const typeOf = (value: unknown): unknown => (isObject(value) ? value["type"] : undefined);

describeAdapter({
  name: "the AI SDK's UI message stream",
  adapter: aiSdk(),
  isFollowed: true,
  ask: (text) => ({
    path: "/ai-sdk/cfg-1",
    body: { id: "short", messages: [{ id: "m-1", role: "user", parts: [{ type: "text", text }] }] },
  }),
  createFormat: () => createUiMessageFormat({ unread: createUnread() }),
  isKnown: async (value) =>
    value === "[DONE]" || (await schema.validate?.(value))?.success === true,
  textIn: (value) =>
    isObject(value) && value["type"] === "text-delta" ? String(value["delta"]) : "",
  endIn: (value) =>
    typeOf(value) === "error"
      ? "failed"
      : typeOf(value) === "finish" || typeOf(value) === "abort"
        ? "whole"
        : undefined,
  readWithClient: (fetchResponse) => askWith({ api: "http://relay", fetch: fetchResponse }),
  isRefusal: (body) => isObject(body) && typeof body["message"] === "string",
});
