import * as ai6 from "ai";

export interface AiSdkQuestion {
  /** @defaultValue `ai` 6 */
  readonly sdk?: typeof ai6;
  readonly api: string;
  readonly chatId?: string;
  readonly content?: string;
  readonly signal?: AbortSignal;
  readonly fetch?: typeof fetch;
}

/** Asks with the AI SDK's own transport, and resolves with the text of the message. */
export async function askWith(given: AiSdkQuestion): Promise<string> {
  const { api, chatId = "short", content = "", signal, fetch: fetchResponse = fetch } = given;
  const { sdk = ai6 } = given;
  const transport = new sdk.DefaultChatTransport({ api, fetch: fetchResponse });
  const stream = await transport.sendMessages({
    chatId,
    messages: [{ id: "m-1", role: "user", parts: [{ type: "text", text: content }] }],
    trigger: "submit-message",
    messageId: undefined,
    abortSignal: signal,
  });
  let message: ai6.UIMessage | undefined;
  for await (const state of sdk.readUIMessageStream({ stream, terminateOnError: true })) {
    message = state;
  }
  return (message?.parts ?? []).map((part) => (part.type === "text" ? part.text : "")).join("");
}
