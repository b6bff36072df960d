export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

const roles: readonly unknown[] = ["system", "user", "assistant"];

/** The messages of a body's field, or the sentence that says what is wrong with them. */
export function readMessages(value: unknown, field: string): readonly ChatMessage[] | string {
  if (!Array.isArray(value) || value.length === 0) {
    return `${field} must be a list of at least one message.`;
  }
  const wrongAt = value.findIndex((message) => !isChatMessage(message));
  if (wrongAt !== -1) {
    return `${field}[${wrongAt}] must have the role system, user or assistant and a text as content.`;
  }
  return value.filter(isChatMessage);
}

function isChatMessage(value: unknown): value is ChatMessage {
  return isRecord(value) && roles.includes(value["role"]) && typeof value["content"] === "string";
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
