/** Of every adapter's response: the same as the relay's own. */
export const heartbeat = ": heartbeat\n";

/** How long clients wait before they reconnect, in milliseconds. */
export const retry = "retry: 2000\n";

/** A Server-Sent Event that has JSON, and the id with which a client asks for what comes after it. */
export function frame(value: unknown, id?: number): string {
  const data = `data: ${JSON.stringify(value)}\n`;
  return id === undefined ? `${data}\n` : `${data}id: ${id}\n\n`;
}

/** The events that one event of the relay becomes: only the last has the id, so no reader resumes between two. */
export function framesOf(values: readonly object[], id?: number): string {
  return values
    .map((value, at) => frame(value, at === values.length - 1 ? id : undefined))
    .join("");
}
