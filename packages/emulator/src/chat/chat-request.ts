export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

export interface ChatRequest {
  readonly configurationId: string;
  readonly messages: readonly ChatMessage[];
}

const roles: readonly unknown[] = ["system", "user", "assistant"];

/** The request that a parsed body holds, or the sentence that says what is wrong with it. */
export function readChatRequest(body: unknown): ChatRequest | string {
  if (!isRecord(body)) return "The body must be a JSON object.";
  const { configurationId, input, stream } = body;
  if (typeof configurationId !== "string" || configurationId === "") {
    return "configurationId must be a text that is not empty.";
  }
  if (stream !== true) return "stream must be true: only streamed answers are emulated.";

  const messages: unknown = isRecord(input) ? input["messages"] : undefined;
  if (!Array.isArray(messages) || messages.length === 0) {
    return "input.messages must be a list of at least one message.";
  }
  const wrongAt = messages.findIndex((message) => !isChatMessage(message));
  if (wrongAt !== -1) {
    return `input.messages[${wrongAt}] must have the role system, user or assistant and a text as content.`;
  }
  return { configurationId, messages: messages.filter(isChatMessage) };
}

function isChatMessage(value: unknown): value is ChatMessage {
  return isRecord(value) && roles.includes(value["role"]) && typeof value["content"] === "string";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
