import type { AnswerOptions, Message } from "@gatestream/protocol";
import type { ToolCallPart } from "../answer/answer-parts.ts";
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
 * The messages of the request that asks the last question: system messages, and as many of the newest
 * exchanges as fit the limits. An exchange is a question with its answers, and the tools that they called.
 * The last one is sent as it is: when it is too long, the relay refuses this question and no later one.
 *
 * @param options Of the request: they are in the body, too.
 */
export function requestMessages(
  messages: readonly ChatMessage[],
  {
    maxMessages = 256,
    maxContentChars = 200_000,
    maxBodyBytes = 1_048_576,
  }: RequestLimits | undefined = {},
  options?: AnswerOptions,
): FittingMessages {
  const spoken = messages
    .filter((_, index) => !isRefused(messages, index))
    .flatMap((message) => toSent(message, maxContentChars));
  const exchanges = exchangesOf(spoken);
  const kept = new Set([
    ...spoken.filter(({ role }) => role === "system"),
    ...(exchanges.pop() ?? []),
  ]);
  let bytesLeft = maxBodyBytes - otherFieldsBytes - encodedBytes(options ?? {});
  for (const message of kept) bytesLeft -= encodedBytes(message);

  for (const exchange of exchanges.toReversed()) {
    // The relay has refused this question, and would refuse it again.
    if (exchange.some(({ role, content }) => role === "user" && content.length > maxContentChars)) {
      continue;
    }
    for (const message of exchange) bytesLeft -= encodedBytes(message);
    if (bytesLeft < 0 || kept.size + exchange.length > maxMessages) break;
    for (const message of exchange) kept.add(message);
  }
  const fitting = spoken.filter((message) => kept.has(message));
  return { messages: fitting, omittedCount: spoken.length - fitting.length };
}

/** A message as it is sent, and the results of the tools that it called; nothing for an empty one. */
function toSent(
  { role, content: text, attachments = [], parts = [], toolCalls, toolCallId }: ChatMessage,
  maxContentChars: number,
): readonly Message[] {
  // A call without its result is refused by most upstreams.
  const answered = parts.filter(
    (part): part is ToolCallPart & { readonly result: string } =>
      part.type === "tool_call" && part.result !== undefined,
  );
  const calls =
    toolCalls ??
    answered.map(({ callId, name, arguments: json }) => ({ callId, name, arguments: json }));
  // A storage may have left its data out.
  const images = attachments.filter(({ url, data }) => url ?? data);
  if (text === "" && images.length + calls.length === 0) return [];
  const own = role === "assistant" ? cut(text, maxContentChars) : text;
  const content =
    images.length === 0 ? own : [...(own ? [{ type: "text" as const, text: own }] : []), ...images];
  return [
    {
      role,
      content,
      ...(calls.length > 0 && { toolCalls: calls }),
      ...(toolCallId && { toolCallId }),
    },
    ...answered.map(({ callId, result }) => ({
      role: "tool",
      toolCallId: callId,
      content: result,
    })),
  ];
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
function exchangesOf(messages: readonly Message[]): Message[][] {
  const exchanges: Message[][] = [];
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

function encodedBytes(message: object): number {
  return new TextEncoder().encode(JSON.stringify(message)).length + 1;
}
