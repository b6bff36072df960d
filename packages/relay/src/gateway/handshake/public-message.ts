const maxChars = 300;

/** Words that may stand neither in a log nor in a reply, and what stands in their place. */
const addresses: readonly (readonly [RegExp, string])[] = [
  [/\b[a-z][a-z+.-]*:\/\/\S+/gi, "[address]"],
  [/\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, "[address]"],
  [/\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b/g, "[address]"],
  [/(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])/gi, "[address]"],
  [/\b(?:[a-z0-9-]+\.){2,}[a-z]{2,}\b(?::\d+)?/gi, "[host]"],
  [/\b(?:[a-z0-9-]+\.)+(?:com|net|org|io|cloud|local|internal|ie|de|jp|au)\b(?::\d+)?/gi, "[host]"],
];

/** What could be a token or an internal id. */
const longWord = /\b[\w+/=-]{24,}/g;

/** `text`, which must be bounded, without addresses and host names. */
export function withoutAddresses(text: string): string {
  let kept = text;
  for (const [pattern, replacement] of addresses) kept = kept.replace(pattern, replacement);
  return kept;
}

/**
 * The gateway's own message, fit for a client: one line, bounded, without addresses, host names
 * and anything that could be a token or an internal id.
 */
export function publicMessage(message: string): string {
  const line = message.slice(0, 4 * maxChars).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
  const text = withoutAddresses(line).replace(longWord, "[withheld]");
  return text.length > maxChars ? `${text.slice(0, maxChars)}…` : text.trim();
}
