import type { AnswerOptions, ContentPart, Message, StreamRequest } from "@gatestream/protocol";
import { imageUrl } from "../answer/image-url.ts";

/** A conversation and its options as the Responses API takes them. */
export function responsesBody({
  messages,
  options = {},
}: Pick<StreamRequest, "messages" | "options">) {
  return { input: messages.flatMap(itemsOf), ...optionsOf(options) };
}

function itemsOf({ role, content, toolCalls = [], toolCallId }: Message): readonly object[] {
  const contents =
    typeof content === "string" ? content : content.map((part) => partOf(part, role));
  if (toolCallId !== undefined) {
    return [{ type: "function_call_output", call_id: toolCallId, output: contents }];
  }
  const calls = toolCalls.map(({ callId, name, arguments: given }) => ({
    type: "function_call",
    call_id: callId,
    name,
    arguments: given,
  }));
  // An assistant's message may be nothing but calls.
  return contents === "" && calls.length > 0 ? calls : [{ role, content: contents }, ...calls];
}

function partOf(part: ContentPart, role: string) {
  if (part.type === "image") return { type: "input_image", image_url: imageUrl(part) };
  return { type: role === "assistant" ? "output_text" : "input_text", text: part.text };
}

/** What is undefined is not sent; the API has no stop sequences and no seed. */
function optionsOf({
  temperature,
  maxOutputTokens,
  responseFormat,
  tools,
  toolChoice,
}: AnswerOptions) {
  return {
    temperature,
    max_output_tokens: maxOutputTokens,
    text: responseFormat && { format: formatOf(responseFormat) },
    tools: tools?.map(({ parameters = null, ...tool }) => ({
      type: "function",
      ...tool,
      parameters,
      // Otherwise the API wants schemas of a narrower kind.
      strict: false,
    })),
    tool_choice:
      typeof toolChoice === "object" ? { type: "function", name: toolChoice.name } : toolChoice,
  };
}

function formatOf(format: NonNullable<AnswerOptions["responseFormat"]>) {
  if (format.type === "text") return { type: "text" };
  const { schema, name = "answer" } = format;
  return schema === undefined ? { type: "json_object" } : { type: "json_schema", name, schema };
}
