import type { Message } from "@gatestream/protocol";
import type { ChatMessage } from "./chat-message.ts";

/** What the relay accepts in one request. Older messages that do not fit are not sent. */
export interface RequestLimits {
  /**
   * How many messages the relay takes.
   *
   * @defaultValue 256
   */
  readonly maxMessages?: number | undefined;
  /**
   * The longest message that the relay takes, in UTF-16 code units. An earlier answer above it is cut there.
   *
   * @defaultValue 200_000
   */
  readonly maxContentChars?: number | undefined;
  /**
   * The relay's `maxBodyBytes`.
   *
   * @defaultValue 1_048_576
   */
  readonly maxBodyBytes?: number | undefined;
}

/** The messages of a request, and how many were left out of it because of the limits. */
export interface FittingMessages {
  readonly messages: readonly Message[];
  readonly omittedCount: number;
}

/** Room in the body for `configurationId` and the other fields. */
const otherFieldsBytes = 4096;

/**
 * The messages of the request that asks the last one: system messages, and as many of the newest
 * exchanges as fit the limits. An exchange is a question with its answers. The question itself is
 * sent as it is: when it is too long, the relay refuses this question and no later one.
 */
export function requestMessages(
  messages: readonly ChatMessage[],
  {
    maxMessages = 256,
    maxContentChars = 200_000,
    maxBodyBytes = 1_048_576,
  }: RequestLimits | undefined = {},
): FittingMessages {
  // An empty answer is not sent.
  const spoken = messages
    .filter(({ content }, index) => content !== "" && !isRefused(messages, index))
    .map(({ role, content }) => ({ role, content }));
  const question = spoken.pop();
  if (question === undefined) return { messages: [], omittedCount: 0 };
  const instructions = spoken.filter(({ role }) => role === "system");
  const kept = new Set([...instructions, question]);
  let bytesLeft = maxBodyBytes - otherFieldsBytes;
  for (const message of kept) bytesLeft -= encodedBytes(message);

  for (const exchange of exchangesOf(spoken).toReversed()) {
    // The relay has refused this question, and would refuse it again.
    if (exchange.some(({ role, content }) => role === "user" && content.length > maxContentChars)) {
      continue;
    }
    for (const message of exchange) {
      if (message.role === "assistant") message.content = cut(message.content, maxContentChars);
      bytesLeft -= encodedBytes(message);
    }
    if (bytesLeft < 0 || kept.size + exchange.length > maxMessages) break;
    for (const message of exchange) kept.add(message);
  }
  const fitting = [...spoken, question].filter((message) => kept.has(message));
  return { messages: fitting, omittedCount: spoken.length + 1 - fitting.length };
}

/** Whether the answer was refused because of this question: the next request with it would be, too. */
function isRefused(messages: readonly ChatMessage[], index: number): boolean {
  const { content, error } = messages[index + 1] ?? {};
  return content === "" && error !== undefined && aboutTheQuestion.includes(error.code);
}

const aboutTheQuestion: readonly string[] = [
  "invalid_request",
  "payload_too_large",
  "gateway_rejected",
];

/** Each exchange begins with a question; a greeting before the first question is one of its own. */
function exchangesOf<Spoken extends Message>(messages: readonly Spoken[]): readonly Spoken[][] {
  const exchanges: Spoken[][] = [];
  for (const message of messages) {
    if (message.role === "system") continue;
    const current = exchanges.at(-1);
    if (current === undefined || message.role === "user") exchanges.push([message]);
    else current.push(message);
  }
  return exchanges;
}

function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  // Not between the halves of a surrogate pair.
  return text.slice(0, maxLength).replace(/[\uD800-\uDBFF]$/, "");
}

function encodedBytes(message: Message): number {
  return new TextEncoder().encode(JSON.stringify(message)).length + 1;
}
