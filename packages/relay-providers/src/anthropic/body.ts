import type {
  AnswerOptions,
  ContentPart,
  Message,
  StreamRequest,
  ToolChoice,
} from "@gatestream/protocol";
import { parseObject } from "@gatestream/relay/parts";

/** A turn as the Messages API takes it. */
interface Turn {
  readonly role: "user" | "assistant";
  content: string | readonly object[];
}

/** A conversation and its options as the Messages API takes them. */
export function messagesBody(
  { messages, options = {} }: Pick<StreamRequest, "messages" | "options">,
  maxTokens: number,
) {
  const system = messages
    .filter(isSystem)
    .map(({ content }) => textOf(content))
    .join("\n\n");
  return {
    ...(system !== "" && { system }),
    messages: turnsOf(messages.filter((message) => !isSystem(message))),
    max_tokens: options.maxOutputTokens ?? maxTokens,
    ...optionsOf(options),
  };
}

function isSystem({ role }: Message): boolean {
  return role === "system" || role === "developer";
}

function textOf(content: Message["content"]): string {
  if (typeof content === "string") return content;
  return content.map((part) => (part.type === "text" ? part.text : "")).join("");
}

/** The results of several calls have to be one turn, and so have an assistant's words and its calls. */
function turnsOf(messages: readonly Message[]): readonly Turn[] {
  const turns: Turn[] = [];
  for (const message of messages) {
    const role = message.role === "assistant" ? "assistant" : "user";
    const content = contentOf(message);
    const last = turns.at(-1);
    if (last?.role === role) last.content = [...blocksOf(last.content), ...blocksOf(content)];
    else turns.push({ role, content });
  }
  return turns;
}

function contentOf({ content, toolCalls = [], toolCallId }: Message): Turn["content"] {
  const given = typeof content === "string" ? content : content.map(blockOf);
  if (toolCallId !== undefined) {
    return [{ type: "tool_result", tool_use_id: toolCallId, content: given }];
  }
  if (toolCalls.length === 0) return given;
  const calls = toolCalls.map(({ callId, name, arguments: text }) => ({
    type: "tool_use",
    id: callId,
    name,
    input: parseObject(text) ?? {},
  }));
  return [...blocksOf(given), ...calls];
}

/** The API takes no empty texts. */
function blocksOf(content: Turn["content"]): readonly object[] {
  if (typeof content !== "string") return content;
  return content === "" ? [] : [{ type: "text", text: content }];
}

function blockOf(part: ContentPart): object {
  if (part.type === "text") return part;
  const { url, data, mediaType } = part;
  const source =
    url === undefined ? { type: "base64", media_type: mediaType, data } : { type: "url", url };
  return { type: "image", source };
}

/** What is undefined is not sent; the API has no seed, and JSON after a schema alone. */
function optionsOf({
  temperature,
  stopSequences,
  responseFormat,
  tools,
  toolChoice,
}: AnswerOptions) {
  const schema = responseFormat?.type === "json" ? responseFormat.schema : undefined;
  return {
    temperature,
    stop_sequences: stopSequences,
    output_config: schema && { format: { type: "json_schema", schema } },
    tools: tools?.map(({ parameters = { type: "object" }, ...tool }) => ({
      ...tool,
      input_schema: parameters,
    })),
    tool_choice: toolChoice && choiceOf(toolChoice),
  };
}

function choiceOf(choice: ToolChoice) {
  if (typeof choice === "object") return { type: "tool", name: choice.name };
  return { type: choice === "required" ? "any" : choice };
}
