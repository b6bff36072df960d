/** One of Server-Sent Events. */
export function sseEvent(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

/** One that is named as its data's type is. */
export function namedEvent(
  data: Readonly<Record<string, unknown>> & { readonly type: string },
): string {
  return `event: ${data.type}\n${sseEvent(data)}`;
}
