import { isObject, RelayError } from "@gatestream/relay/parts";

type Fields = Readonly<Record<string, unknown>>;

/** `configurationId` of the properties that a page forwards. */
export function configurationIn(forwardedProps: unknown): string | undefined {
  const id = isObject(forwardedProps) ? forwardedProps["configurationId"] : undefined;
  return typeof id === "string" ? id : undefined;
}

/** The conversation; messages that only the page shows (`activity`, `reasoning`) are left out. */
export function messagesOf(messages: unknown): readonly object[] {
  if (!Array.isArray(messages)) {
    throw new RelayError("invalid_request", "messages must be an array of messages.");
  }
  return messages
    .filter(isObject)
    .filter(({ role }) => role !== "activity" && role !== "reasoning")
    .map(messageOf);
}

function messageOf({ role, content, toolCalls, toolCallId }: Fields): object {
  return {
    role: role === "developer" ? "system" : role,
    content: Array.isArray(content) ? content.map(partOf) : (content ?? ""),
    ...(Array.isArray(toolCalls) && { toolCalls: toolCalls.filter(isObject).map(callOf) }),
    ...(toolCallId !== undefined && { toolCallId }),
  };
}

function callOf({ id, function: called }: Fields): object {
  const { name, arguments: text } = isObject(called) ? called : {};
  return { callId: id, name, arguments: text };
}

function partOf(part: unknown): unknown {
  if (!isObject(part) || part["type"] !== "image" || !isObject(part["source"])) return part;
  const { type, value, mimeType } = part["source"];
  return type === "data"
    ? { type: "image", data: value, mediaType: mimeType }
    : { type: "image", url: value };
}

/** A page's tools, where it has some: they need `tools` in the relay's `allowedOptions`. */
export function toolsOf(tools: unknown): object {
  if (!Array.isArray(tools) || tools.length === 0) return {};
  return { options: { tools: tools.filter(isObject).map(toolOf) } };
}

function toolOf({ name, description, parameters }: Fields): object {
  return {
    name,
    ...(description !== undefined && { description }),
    ...(isObject(parameters) && { parameters }),
  };
}
