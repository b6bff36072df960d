import { isObject, RelayError } from "@gatestream/relay/parts";

type Fields = Readonly<Record<string, unknown>>;

/** What an operator who does not allow it does not let decide; everything else is refused by its name. */
const hints = ["temperature", "seed"];

/** A request for a chat completion, as a request of the relay: what is wrong with that is said there. */
export function readCompletionRequest(given: unknown, allowedOptions: readonly string[]) {
  if (!isObject(given)) throw new RelayError("invalid_request", "The body must be an object.");
  const { model, messages, metadata, stream, n = 1, stream_options: streamOptions } = given;
  if (n !== 1) throw new RelayError("invalid_request", "n must be 1: there is one answer.");
  const options = Object.fromEntries(
    Object.entries(optionsOf(given)).filter(
      ([name, value]) =>
        value !== undefined && !(hints.includes(name) && !allowedOptions.includes(name)),
    ),
  );
  return {
    body: {
      configurationId: model,
      messages: Array.isArray(messages) ? messages.map(messageOf) : messages,
      ...(isObject(metadata) && { metadata }),
      ...(Object.keys(options).length > 0 && { options }),
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
  if (part["type"] !== "image_url" || !isObject(image)) return part;
  const url = String(image["url"]);
  const [, mediaType, data] = /^data:([^;,]+);base64,(.*)$/s.exec(url) ?? [];
  return data === undefined ? { type: "image", url } : { type: "image", data, mediaType };
}

function optionsOf(given: Fields): Fields {
  const { stop, tools, tool_choice: choice, response_format: format } = given;
  return {
    temperature: given["temperature"] ?? undefined,
    maxOutputTokens: given["max_completion_tokens"] ?? given["max_tokens"] ?? undefined,
    stopSequences: typeof stop === "string" ? [stop] : (stop ?? undefined),
    seed: given["seed"] ?? undefined,
    responseFormat: isObject(format) ? formatOf(format) : undefined,
    tools: Array.isArray(tools) && tools.length > 0 ? tools.map(toolOf) : undefined,
    toolChoice: isObject(choice) ? { name: nameIn(choice) } : (choice ?? undefined),
  };
}

function formatOf(format: Fields): object | undefined {
  const { type, json_schema: schema } = format;
  if (type === "json_object") return { type: "json" };
  if (type !== "json_schema" || !isObject(schema)) return undefined;
  return { type: "json", schema: schema["schema"], name: schema["name"] };
}

function toolOf(tool: unknown): unknown {
  const { name, description, parameters } =
    isObject(tool) && isObject(tool["function"]) ? tool["function"] : {};
  return {
    name,
    ...(description !== undefined && { description }),
    ...(parameters !== undefined && { parameters }),
  };
}

function nameIn({ function: called }: Fields): unknown {
  return isObject(called) ? called["name"] : undefined;
}
