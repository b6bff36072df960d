import type { OwnAnswer } from "../lab/own-provider.ts";

/** A request for the emulator, at `/api/llm`, that no other test sends. */
export function askFor(scenario: string) {
  const question = newName();
  return { question, request: requestOf(`/scenario ${scenario} ${question}`) };
}

/** A request for exactly these tokens, at `/own`. */
export function askForTokens(answer: Omit<OwnAnswer, "name">) {
  const name = newName();
  return {
    name,
    text: answer.tokens.join("").repeat(answer.times ?? 1),
    request: requestOf(JSON.stringify({ name, ...answer })),
  };
}

/** A hundred tokens that differ, with gates on the way: what is lost or told twice can be seen. */
export function askForHundred(...gates: readonly number[]) {
  return askForTokens({ tokens: Array.from({ length: 100 }, (_, at) => `${at} `), gates });
}

/** How long the text of the first `count` tokens of {@link askForHundred} is. */
export function lengthOfFirst(count: number): number {
  return Array.from({ length: count }, (_, at) => `${at} `).join("").length;
}

function requestOf(content: string) {
  return { configurationId: "cfg-1", messages: [{ role: "user", content }] };
}

function newName(): string {
  return `Question ${Math.random().toString(36).slice(2)}`;
}
