/** Of every adapter's response: the same as the relay's own. */
export const heartbeat = ": heartbeat\n";

/** How long clients wait before they reconnect, in milliseconds. */
export const retry = "retry: 2000\n";

/** What the AI SDK and OpenAI's chat completions have behind the last event, and is no JSON. */
export const done = "[DONE]";

/** A Server-Sent Event that has JSON, and the id with which a client asks for what comes after it. */
export function frame(value: unknown, id?: number): string {
  const data = `data: ${value === done ? done : JSON.stringify(value)}\n`;
  return id === undefined ? `${data}\n` : `${data}id: ${id}\n\n`;
}

/** The events that one event of the relay becomes: only the last has the id, so no reader resumes between two. */
export function framesOf(values: readonly (object | typeof done)[], id?: number): string {
  return values
    .map((value, at) => frame(value, at === values.length - 1 ? id : undefined))
    .join("");
}
