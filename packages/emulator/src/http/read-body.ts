import type { IncomingMessage } from "node:http";

export const maxBodyBytes = 10 * 1024 * 1024;

/**
 * The whole body as text, or undefined when it is larger than `maxBodyBytes`. What is too much is
 * read and thrown away: a client that is still sending would see a reset instead of the answer.
 */
export async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= maxBodyBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  return bytes <= maxBodyBytes ? Buffer.concat(chunks).toString("utf8") : undefined;
}
