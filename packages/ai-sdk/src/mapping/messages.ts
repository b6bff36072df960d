import type { ContentPart, Message, ToolCall } from "@gatestream/protocol";

type Fields = Readonly<Record<string, unknown>>;

/** What is read of the AI SDK's `UIMessage`. */
export interface UiMessage {
  readonly id: string;
  readonly role: string;
  readonly parts: readonly object[];
}

/**
 * The relay's messages. Of each `UIMessage` its texts, the user's images, and calls of tools with their
 * results are sent on; reasoning, sources, files of answers and data parts are the page's own.
 */
export function messagesOf(messages: readonly UiMessage[]): readonly Message[] {
  return messages.flatMap(turnsOf);
}

/** A message, cut where the results of its tools came. */
function turnsOf({ role, parts }: UiMessage): readonly Message[] {
  const turns: Message[] = [];
  let content: ContentPart[] = [];
  let toolCalls: ToolCall[] = [];
  let results: Message[] = [];

  function endTurn(): void {
    if (content.length > 0 || toolCalls.length > 0) {
      const calls = toolCalls.length > 0 && { toolCalls };
      turns.push({ role, content: contentOf(content), ...calls }, ...results);
    }
    content = [];
    toolCalls = [];
    results = [];
  }

  for (const part of parts as readonly Fields[]) {
    // The next step answers these results.
    if (part["type"] === "step-start" && results.length > 0) endTurn();
    const call = callOf(part);
    if (call !== undefined) {
      toolCalls.push(call);
      const result = resultOf(part, call.callId);
      if (result !== undefined) results.push(result);
      continue;
    }
    const given = contentPartOf(part);
    // What an answer shows is no question: upstreams refuse images of the assistant.
    if (given === undefined || (given.type === "image" && role === "assistant")) continue;
    // Text behind a result answers it.
    if (results.length > 0) endTurn();
    content.push(given);
  }
  endTurn();
  return turns;
}

/** Text alone as text: not every upstream takes parts. */
function contentOf(parts: readonly ContentPart[]): Message["content"] {
  const texts = parts.flatMap((part) => (part.type === "text" ? part.text : []));
  return texts.length === parts.length ? texts.join("") : parts;
}

function contentPartOf({ type, text, url, mediaType }: Fields): ContentPart | undefined {
  if (type === "text") return { type, text: String(text ?? "") };
  if (type !== "file" || typeof url !== "string") return undefined;
  const given = typeof mediaType === "string" ? { mediaType } : {};
  const [, inUrl, data] = /^data:([^;,]+);base64,(.*)$/s.exec(url) ?? [];
  if (inUrl !== undefined && data !== undefined) {
    return { type: "image", data, mediaType: given.mediaType ?? inUrl };
  }
  return { type: "image", url, ...given };
}

/** `tool-NAME` of tools that the page knows, `dynamic-tool` of others. */
function callOf({
  type,
  toolName,
  toolCallId,
  state,
  input,
  rawInput,
}: Fields): ToolCall | undefined {
  const kind = String(type);
  const name = kind === "dynamic-tool" ? toolName : /^tool-(.+)$/s.exec(kind)?.[1];
  if (typeof name !== "string" || typeof toolCallId !== "string") return undefined;
  // What the model has not finished is no call.
  if (state === "input-streaming") return undefined;
  return { callId: toolCallId, name, arguments: JSON.stringify(input ?? rawInput ?? {}) };
}

function resultOf({ state, output, errorText }: Fields, toolCallId: string): Message | undefined {
  if (state === "output-available") {
    const content = typeof output === "string" ? output : (JSON.stringify(output) ?? "");
    return { role: "tool", toolCallId, content };
  }
  if (state !== "output-error") return undefined;
  return { role: "tool", toolCallId, content: String(errorText ?? "The tool failed.") };
}

/** Of a request of the SDK. */
export interface AskedMessages {
  /** `submit-message` or `regenerate-message`. */
  readonly trigger: unknown;
  /** The message that is answered or continued; undefined for the last one. */
  readonly messageId: unknown;
  readonly messages: readonly UiMessage[];
}

/**
 * The id of the message that an answer continues, because its tools have results now: under another id
 * the SDK would show its parts twice.
 */
export function continuedMessageId({
  trigger,
  messageId,
  messages,
}: AskedMessages): string | undefined {
  if (trigger !== "submit-message") return undefined;
  const asked = messages.find(({ id }) => id === messageId) ?? messages.at(-1);
  return asked?.role === "assistant" ? asked.id : undefined;
}
