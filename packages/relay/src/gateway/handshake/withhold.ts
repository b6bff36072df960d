/** What an upstream said, without what it repeats of the exchange; at most 1000 characters. */
export type Withhold = (said: string) => string;

export interface Withheld {
  /** Whoever reads them can ask in the relay's name. */
  readonly secrets: readonly string[];
  /** What the upstream was told. @defaultValue nothing */
  readonly contents?: readonly string[];
}

const maxChars = 1_000;
/** More than is kept: what is cut in half at its end is not seen for what it is. */
const readChars = 2 * maxChars;
/** From so many characters on, what also stands in the request is a repetition. */
const runChars = 12;
const mark = "[withheld]";

/** What gives itself away: a credential by its scheme, data that is quoted by its length. */
const telling: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic)(?:\s|%20)+[^\s"',;]+/gi, `$1 ${mark}`],
  [/\{[^]{40,}\}|\{[^]{40,}$/g, mark],
  [/"[^"]{40,}"/g, `"${mark}"`],
];

/**
 * Makes what an upstream says about a request fit for a log: some repeat the conversation, or the
 * header that they did not like.
 */
export function createWithhold({ secrets, contents = [] }: Withheld): Withhold {
  const known = secrets.filter((secret) => secret !== "");
  return (said) => {
    let text = said.slice(0, readChars);
    for (const secret of known) text = text.replaceAll(secret, mark);
    text = withoutRepetitions(text, [...contents, ...known]);
    for (const [pattern, replacement] of telling) text = text.replace(pattern, replacement);
    return text.slice(0, maxChars);
  };
}

/** One pass over each content, however long it is and however often its parts are repeated. */
function withoutRepetitions(said: string, contents: readonly string[]): string {
  const readings = [asItIs(said), ...(said.includes("\\") ? [unescaped(said)] : [])];
  const runs = new Set<string>();
  // Most places of a long conversation are told by two characters to be none of the runs.
  const isPossible = new Uint8Array(2 ** 16);
  for (const { text } of readings) {
    for (let at = 0; at + runChars <= text.length; at += 1) {
      runs.add(text.slice(at, at + runChars));
      isPossible[ends(text, at)] = 1;
    }
  }
  const repeated = new Set<string>();
  for (const content of contents) {
    for (let at = 0; at + runChars <= content.length; at += 1) {
      if (isPossible[ends(content, at)] === 0) continue;
      const run = content.slice(at, at + runChars);
      if (runs.has(run)) repeated.add(run);
    }
  }
  const isRepeated = new Uint8Array(said.length);
  for (const { text, places } of readings) {
    for (let at = 0; at + runChars <= text.length; at += 1) {
      if (!repeated.has(text.slice(at, at + runChars))) continue;
      isRepeated.fill(1, places[at], places[at + runChars]);
    }
  }
  return [...said.split("").entries()]
    .map(([at, char]) => {
      if (isRepeated[at] === 0) return char;
      return isRepeated[at - 1] === 1 ? "" : mark;
    })
    .join("");
}

/** The first and the last character of a run in one number. */
function ends(text: string, at: number): number {
  return (text.charCodeAt(at) ^ (text.charCodeAt(at + runChars - 1) << 7)) & 0xffff;
}

interface Reading {
  readonly text: string;
  /** Where each character stands in what was said, and behind them where that ends. */
  readonly places: readonly number[];
}

function asItIs(said: string): Reading {
  return { text: said, places: Array.from({ length: said.length + 1 }, (_, at) => at) };
}

const controls: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** As somebody meant it who quotes JSON. */
function unescaped(said: string): Reading {
  const places: number[] = [];
  let text = "";
  for (const { 0: piece, 1: code, 2: char, index } of said.matchAll(
    /\\u([\da-f]{4})|\\(.)|[^]/gi,
  )) {
    places.push(index);
    if (code !== undefined) text += String.fromCharCode(Number.parseInt(code, 16));
    else text += char === undefined ? piece : (controls[char] ?? char);
  }
  return { text, places: [...places, said.length] };
}
