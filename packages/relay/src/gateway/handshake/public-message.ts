const maxChars = 300;

/** Words of the gateway that may not reach a client, and what stands in their place. */
const withheld: readonly (readonly [RegExp, string])[] = [
  [/\b[a-z][a-z+.-]*:\/\/\S+/gi, "[address]"],
  [/\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, "[address]"],
  [/\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b/g, "[address]"],
  [/(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])/gi, "[address]"],
  [/\b(?:[a-z0-9-]+\.){2,}[a-z]{2,}\b(?::\d+)?/gi, "[host]"],
  [/\b(?:[a-z0-9-]+\.)+(?:com|net|org|io|cloud|local|internal|ie|de|jp|au)\b(?::\d+)?/gi, "[host]"],
  [/\b[\w+/=-]{24,}/g, "[withheld]"],
];

/**
 * The gateway's own message, fit for a client: one line, bounded, without addresses, host names
 * and anything that could be a token or an internal id.
 */
export function publicMessage(message: string): string {
  let text = message.slice(0, 4 * maxChars).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
  for (const [pattern, replacement] of withheld) text = text.replace(pattern, replacement);
  return text.length > maxChars ? `${text.slice(0, maxChars)}…` : text.trim();
}
