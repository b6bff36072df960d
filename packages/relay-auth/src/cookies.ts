/**
 * The values of all cookies `name` in a `Cookie` header. Only spaces and tabs are trimmed: a parser
 * that trims more would accept a cookie with another name, which a sibling domain could set.
 */
export function cookieValues(header: string, name: string): string[] {
  return header.split(";").flatMap((pair) => {
    const separator = pair.indexOf("=");
    if (separator === -1 || trimmed(pair.slice(0, separator)) !== name) return [];
    const value = trimmed(pair.slice(separator + 1));
    return [/^".*"$/s.test(value) ? value.slice(1, -1) : value];
  });
}

/** Not a regular expression: one for trailing blanks takes quadratic time for blanks in the middle. */
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
