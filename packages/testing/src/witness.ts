import { expect } from "vitest";
import { ask, question, replyTo } from "./ask.ts";
import { parseStream } from "./parse-events.ts";

const tokenCount = 500;

/** By this header a relay under test knows the witness, where callers take turns. */
export const witnessHeader = "x-witness";

/** Reads one answer after the other until `isOver`, each of which must be whole; how many there were. */
export async function readWholeAnswers(url: string, isOver: () => boolean): Promise<number> {
  const headers = { [witnessHeader]: "1" };
  const body = question(`/scenario many-tokens ${tokenCount}`);
  let count = 0;
  while (!isOver()) {
    const { text } = await replyTo(ask(`${url}/api/llm/stream`, body, { headers }));
    const ids = parseStream(text).events.flatMap(({ id }) => id ?? []);
    expect(ids.map(Number), text.slice(-300)).toEqual(
      Array.from({ length: tokenCount + 1 }, (_, index) => index + 1),
    );
    count += 1;
  }
  return count;
}
