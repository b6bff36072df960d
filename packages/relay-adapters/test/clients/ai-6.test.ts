import { randomUUID } from "node:crypto";
import { askWith } from "../ask-ai-sdk.ts";
import { describeClient } from "../describe-client.ts";

describeClient({
  name: "ai 6",
  adapter: "ai-sdk",
  onBrokenConnection: "error",
  onEarlyEnd: "accept",
  onAbort: "detach",
  ask: (baseUrl, content, signal) =>
    askWith({ api: `${baseUrl}/ai-sdk/cfg-1`, chatId: randomUUID(), content, signal }),
});
