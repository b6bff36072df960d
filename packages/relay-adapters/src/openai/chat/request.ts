import { isObject, RelayError } from "@gatestream/relay/parts";
import { type Fields, givenOptions, imageOf, responseFormatOf, toolOf } from "../answer-options.ts";

/** A request for a chat completion, as a request of the relay: what is wrong with that is said there. */
export function readCompletionRequest(given: unknown, allowedOptions: readonly string[]) {
  if (!isObject(given)) throw new RelayError("invalid_request", "The body must be an object.");
  const { model, messages, metadata, stream, n, stream_options: streamOptions } = given;
  if ((n ?? 1) !== 1) {
    throw new RelayError("invalid_request", "n must be 1: there is one answer.");
  }
  return {
    body: {
      configurationId: model,
      messages: Array.isArray(messages) ? messages.map(messageOf) : messages,
      ...(isObject(metadata) && { metadata }),
      ...givenOptions(optionsOf(given), allowedOptions),
    },
    isStreamed: stream === true,
    includesUsage: isObject(streamOptions) && streamOptions["include_usage"] === true,
  };
}

function messageOf(message: unknown): unknown {
  if (!isObject(message)) return message;
  const { role, content, tool_calls: calls, tool_call_id: toolCallId } = message;
  return {
    role: role === "developer" ? "system" : role,
    content: Array.isArray(content) ? content.map(partOf) : (content ?? ""),
    ...(Array.isArray(calls) && { toolCalls: calls.filter(isObject).map(callOf) }),
    ...(toolCallId !== undefined && { toolCallId }),
  };
}

function callOf({ id, function: called }: Fields) {
  const { name, arguments: text } = isObject(called) ? called : {};
  return { callId: id, name, arguments: text };
}

function partOf(part: unknown): unknown {
  if (!isObject(part)) return part;
  const { image_url: image } = part;
  return part["type"] === "image_url" && isObject(image) ? imageOf(String(image["url"])) : part;
}

function optionsOf(given: Fields): Fields {
  const { stop, tools, tool_choice: choice, response_format: format } = given;
  return {
    temperature: given["temperature"] ?? undefined,
    maxOutputTokens: given["max_completion_tokens"] ?? given["max_tokens"] ?? undefined,
    stopSequences: typeof stop === "string" ? [stop] : (stop ?? undefined),
    seed: given["seed"] ?? undefined,
    responseFormat: isObject(format)
      ? responseFormatOf(format["type"], format["json_schema"])
      : undefined,
    tools:
      Array.isArray(tools) && tools.length > 0
        ? tools.map((tool) => toolOf(functionIn(tool)))
        : undefined,
    toolChoice: isObject(choice) ? { name: functionIn(choice)["name"] } : (choice ?? undefined),
  };
}

/** What a tool, or the choice of one, has as `function`. */
function functionIn(tool: unknown): Fields {
  const called = isObject(tool) ? tool["function"] : undefined;
  return isObject(called) ? called : {};
}
