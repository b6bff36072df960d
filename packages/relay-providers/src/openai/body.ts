import type {
  AnswerOptions,
  ContentPart,
  Message,
  StreamRequest,
  ToolChoice,
} from "@gatestream/protocol";
import { imageUrl } from "../answer/image-url.ts";

/** What servers of this API call the longest answer: the newer name, and that of older ones. */
export type LimitName = "max_completion_tokens" | "max_tokens";

/** A conversation and its options as a chat completion takes them. */
export function chatBody(
  { messages, options = {} }: Pick<StreamRequest, "messages" | "options">,
  limitName: LimitName,
) {
  return { messages: messages.map(messageOf), ...optionsOf(options, limitName) };
}

function messageOf({ role, content, toolCalls, toolCallId }: Message) {
  const contents = typeof content === "string" ? content : content.map(partOf);
  return {
    role,
    // Nothing but calls: strict servers refuse an empty text.
    content: contents === "" && toolCalls !== undefined ? null : contents,
    ...(toolCalls && {
      tool_calls: toolCalls.map(({ callId, name, arguments: given }) => ({
        id: callId,
        type: "function",
        function: { name, arguments: given },
      })),
    }),
    ...(toolCallId !== undefined && { tool_call_id: toolCallId }),
  };
}

function partOf(part: ContentPart) {
  if (part.type === "text") return { type: "text", text: part.text };
  return { type: "image_url", image_url: { url: imageUrl(part) } };
}

/** What is undefined is not sent. */
function optionsOf(options: AnswerOptions, limitName: LimitName) {
  const { responseFormat, tools, toolChoice } = options;
  return {
    temperature: options.temperature,
    [limitName]: options.maxOutputTokens,
    stop: options.stopSequences,
    seed: options.seed,
    response_format: responseFormat && formatOf(responseFormat),
    tools: tools?.map((tool) => ({ type: "function", function: tool })),
    tool_choice: toolChoice && choiceOf(toolChoice),
  };
}

function formatOf(format: NonNullable<AnswerOptions["responseFormat"]>) {
  if (format.type === "text") return { type: "text" };
  const { schema, name = "answer" } = format;
  if (schema === undefined) return { type: "json_object" };
  return { type: "json_schema", json_schema: { name, schema } };
}

function choiceOf(choice: ToolChoice) {
  return typeof choice === "string"
    ? choice
    : { type: "function", function: { name: choice.name } };
}
