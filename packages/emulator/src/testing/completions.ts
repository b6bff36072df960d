import type { Gateway } from "./gateway.ts";
import { question } from "./played.ts";

/** What `play` is for the chat completions endpoint; what differs from call to call is levelled. */
export async function playCompletion(gateway: Gateway, content: string): Promise<string> {
  // Not response.text(): that would swallow a byte order mark.
  const body = await (await gateway.complete(`${content} ${question}`)).arrayBuffer();
  return levelled(Buffer.from(body).toString("utf8"));
}

export function levelled(text: string): string {
  return text
    .replace(/"id":"chatcmpl-[\da-f-]{36}"/g, '"id":"chatcmpl-1"')
    .replace(/"created":\d{10},/g, '"created":1700000000,');
}

/** The events of the plain answer to the same question, each with its blank line. */
export async function plainCompletion(gateway: Gateway): Promise<PlainCompletion> {
  const text = await playCompletion(gateway, "/scenario answer");
  const events = text.split(/(?<=\n\n)/);
  return { events, role: events.slice(0, 1), tokens: events.slice(1, -2), end: events.slice(-2) };
}

export interface PlainCompletion {
  readonly events: readonly string[];
  /** The one that opens the answer. */
  readonly role: readonly string[];
  readonly tokens: readonly string[];
  /** The finish reason and `[DONE]`. */
  readonly end: readonly string[];
}

export interface Chunk {
  readonly choices: readonly {
    readonly delta: { readonly role?: string; readonly content?: string };
    readonly finish_reason: string | null;
  }[];
  readonly [field: string]: unknown;
}

/** Reads well-formed events; `[DONE]` must be the last one and is not among them. */
export function chunksIn(text: string): Chunk[] {
  const events = text.split("\n\n");
  if (events.splice(-2).join("|") !== "data: [DONE]|") throw new Error("[DONE] must be the end.");
  return events.map((event) => JSON.parse(event.replace(/^data: /, "")) as Chunk);
}

export function textOfChunks(chunks: readonly Chunk[]): string {
  return chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("");
}
