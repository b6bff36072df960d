import { randomUUID } from "node:crypto";
import { DefaultChatTransport, readUIMessageStream, type UIMessage } from "ai";
import { describeClient } from "../describe-client.ts";

describeClient({
  name: "ai 6",
  adapter: "ai-sdk",
  onBrokenConnection: "error",
  onEarlyEnd: "accept",
  onAbort: "detach",
  async ask(baseUrl, question, abortSignal) {
    const transport = new DefaultChatTransport({ api: `${baseUrl}/ai-sdk/cfg-1` });
    const stream = await transport.sendMessages({
      chatId: randomUUID(),
      messages: [{ id: "m-1", role: "user", parts: [{ type: "text", text: question }] }],
      trigger: "submit-message",
      messageId: undefined,
      abortSignal,
    });
    let message: UIMessage | undefined;
    for await (const state of readUIMessageStream({ stream, terminateOnError: true })) {
      message = state;
    }
    return (message?.parts ?? []).map((part) => (part.type === "text" ? part.text : "")).join("");
  },
});
