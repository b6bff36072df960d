import { createParser } from "eventsource-parser";

/** What a client gets at once: JSON, or another text. */
export interface Frame {
  readonly id: string | undefined;
  readonly value: unknown;
}

/** What a client makes of a whole event stream. @throws Error for what is none. */
export function readSse(text: string): readonly Frame[] {
  const frames: Frame[] = [];
  const parser = createParser({
    maxBufferSize: Infinity,
    onEvent: ({ id, data }) => frames.push({ id, value: jsonOr(data) }),
    onError: (error) => {
      throw error;
    },
  });
  parser.feed(text);
  return frames;
}

/** What a client makes of lines of JSON; the last line may still be under way. */
export function readLines(text: string): readonly Frame[] {
  return text
    .split("\n")
    .slice(0, -1)
    .filter((line) => line !== "")
    .map((line) => ({ id: undefined, value: JSON.parse(line) }));
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
