/**
 * The values of every cookie `name` in a `Cookie` header. Only spaces and tabs are cut off: a parser
 * that cuts off more takes another cookie, whose name a neighbouring site could choose, for ours.
 */
export function cookieValues(header: string, name: string): string[] {
  return header.split(";").flatMap((pair) => {
    const separator = pair.indexOf("=");
    if (separator === -1 || trimmed(pair.slice(0, separator)) !== name) return [];
    const value = trimmed(pair.slice(separator + 1));
    return [/^".*"$/s.test(value) ? value.slice(1, -1) : value];
  });
}

/** By hand: a pattern for blanks at the end takes quadratic time for blanks that are not. */
function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text[start])) start += 1;
  while (start < end && isBlank(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\t";
}
