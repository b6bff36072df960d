/** A message as scenarios see it: its text, whatever parts it came in. */
export interface ChatMessage {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly content: string;
}

const roles: readonly unknown[] = ["system", "user", "assistant", "tool"];

/**
 * The messages of a body's field, or the sentence that says what is wrong with them.
 *
 * @param textOf The text of a message's content; undefined where it is none.
 */
export function readMessages(
  value: unknown,
  field: string,
  textOf: (message: Record<string, unknown>) => string | undefined = plainText,
): readonly ChatMessage[] | string {
  if (!Array.isArray(value) || value.length === 0) {
    return `${field} must be a list of at least one message.`;
  }
  const messages: ChatMessage[] = [];
  for (const [at, message] of value.entries()) {
    const content = isRecord(message) ? textOf(message) : undefined;
    if (!isRecord(message) || !roles.includes(message["role"]) || content === undefined) {
      return `${field}[${at}] must have the role system, user, assistant or tool and a text as content.`;
    }
    messages.push({ role: message["role"] as ChatMessage["role"], content });
  }
  return messages;
}

function plainText({ content }: Record<string, unknown>): string | undefined {
  return typeof content === "string" ? content : undefined;
}

/** A text, or the texts of parts, of which there is at least one. */
export function textOfParts(content: unknown): string | undefined {
  if (typeof content === "string") return content;
  if (!Array.isArray(content) || content.length === 0 || !content.every(isRecord)) return undefined;
  return content.map(({ text }) => (typeof text === "string" ? text : "")).join("");
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
