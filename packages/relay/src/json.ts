/** What one line held: its JSON values in order, and whether anything else stood on it. */
export interface LineValues {
  readonly values: readonly unknown[];
  readonly isMalformed: boolean;
}

/** The JSON values of one line: usually one, but gateways put several objects on a line. */
export function parseLine(line: string): LineValues {
  const value = parseJson(line);
  // Not a single value: perhaps several, separated below.
  return value === undefined ? parseObjects(line) : { values: [value], isMalformed: false };
}

/** One pass over the line that counts braces outside strings; a cut-off object is malformed. */
function parseObjects(line: string): LineValues {
  const values: unknown[] = [];
  let isMalformed = false;
  let depth = 0;
  let start = 0;
  let inString = false;
  for (let at = 0; at < line.length; at += 1) {
    const char = line[at];
    if (inString) {
      if (char === "\\") at += 1;
      else if (char === '"') inString = false;
    } else if (char === "{") {
      if (depth === 0) start = at;
      depth += 1;
    } else if (depth === 0) {
      isMalformed ||= !isBlank(char);
    } else if (char === '"') {
      inString = true;
    } else if (char === "}") {
      depth -= 1;
      if (depth === 0) {
        const value = parseJson(line.slice(start, at + 1));
        // Balanced braces that are not JSON: reported as malformed, the values next to it are kept.
        if (value === undefined) isMalformed = true;
        else values.push(value);
      }
    }
  }
  return { values, isMalformed: isMalformed || depth > 0 };
}

function isBlank(char: string | undefined): boolean {
  return char === " " || char === "\t" || char === "\r" || char === "\n";
}

/** The object that `text` holds as JSON, or nothing where it is something else. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  const value = parseJson(text);
  return isObject(value) ? value : undefined;
}

/** Arrays and objects inside each other; more than any API sends. */
const maxDepth = 64;

/**
 * The JSON value of `text`; undefined where it is none, or is nested deeper than 64 levels:
 * `JSON.parse` reads thousands of levels that `JSON.stringify` cannot write.
 */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isDeeperThan(maxDepth, value) ? undefined : value;
  } catch {
    // Error pages of proxies are HTML, and lines may hold anything.
    return undefined;
  }
}

/** Whether arrays and objects in `value` are inside each other more than `levels` times. */
export function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeperThan(levels - 1, inner));
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
