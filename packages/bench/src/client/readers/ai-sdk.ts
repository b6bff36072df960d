import { DefaultChatTransport, readUIMessageStream, type UIMessage } from "ai";
import { textOfToken } from "../answer-text.ts";

/** As its chat hooks do it: a whole message for every piece. */
export async function readAnswer(baseUrl: string): Promise<number> {
  const transport = new DefaultChatTransport<UIMessage>({ api: `${baseUrl}/ui-messages` });
  const stream = await transport.sendMessages({
    trigger: "submit-message",
    chatId: "bench",
    messageId: undefined,
    messages: [{ id: "1", role: "user", parts: [{ type: "text", text: "Hello" }] }],
    abortSignal: undefined,
  });
  let textLength = 0;
  for await (const { parts } of readUIMessageStream({ stream })) {
    const part = parts.at(-1);
    if (part?.type === "text") textLength = part.text.length;
  }
  return textLength / textOfToken.length;
}
