import type { Message, StreamRequest } from "@gatestream/protocol";

/** The text of a conversation, in UTF-16 code units. */
export function charsIn(messages: readonly Message[]): number {
  let chars = 0;
  for (const { content, toolCalls = [] } of messages) {
    if (typeof content === "string") chars += content.length;
    else for (const part of content) if (part.type === "text") chars += part.text.length;
    for (const call of toolCalls) chars += call.name.length + call.arguments.length;
  }
  return chars;
}

/** What a request holds while it waits, in bytes: its conversation, calls and options. */
export function bytesIn({ messages, options }: StreamRequest): number {
  // Schemas of tools and answers; most requests have none.
  let bytes = options === undefined ? 0 : Buffer.byteLength(JSON.stringify(options));
  for (const { content, toolCalls = [] } of messages) {
    if (typeof content === "string") bytes += Buffer.byteLength(content);
    else {
      for (const part of content) {
        const held = part.type === "text" ? part.text : (part.data ?? part.url ?? "");
        bytes += Buffer.byteLength(held);
      }
    }
    for (const call of toolCalls) bytes += Buffer.byteLength(call.arguments);
  }
  return bytes;
}
