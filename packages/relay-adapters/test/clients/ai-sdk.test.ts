import { randomUUID } from "node:crypto";
import { sdks } from "../../../ai-sdk/src/testing/page-chat.ts";
import { askWith } from "../ask-ai-sdk.ts";
import { describeClient } from "../describe-client.ts";

for (const { name, sdk } of sdks) {
  describeClient({
    name,
    adapter: "ai-sdk",
    onBrokenConnection: "error",
    onEarlyEnd: "accept",
    onAbort: "detach",
    ask: (baseUrl, content, signal) =>
      askWith({ sdk, api: `${baseUrl}/ai-sdk/cfg-1`, chatId: randomUUID(), content, signal }),
  });
}
