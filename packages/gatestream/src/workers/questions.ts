import type { Worker } from "node:cluster";
import { tell, type Message } from "./message.ts";

export interface QuestionsOptions {
  /** What this process answers when the other one asks. */
  readonly answer: () => Promise<unknown>;
  /** How long the other one may take, in milliseconds. */
  readonly limitMs: number;
}

/**
 * What two processes ask each other. There is one question in each direction: a worker asks for the
 * metrics of all, the first process for the values of the worker.
 *
 * @returns a function that asks. It rejects when there is no answer in time.
 */
export function createQuestions<Answer>(
  channel: Worker,
  { answer, limitMs }: QuestionsOptions,
): () => Promise<Answer> {
  const open = new Map<number, (answer: unknown) => void>();
  let asked = 0;
  channel.on("message", (message: Message) => {
    if (message.type === "answer") open.get(message.id)?.(message.answer);
    if (message.type !== "question") return;
    const { id } = message;
    answer().then(
      (given) => tell(channel, { type: "answer", id, answer: given }),
      // The other process gets no answer, and times out.
      () => {},
    );
  });

  return () =>
    new Promise((resolve, reject) => {
      const id = asked;
      asked += 1;
      const timer = setTimeout(() => {
        open.delete(id);
        reject(new Error(`The other process did not answer within ${limitMs} ms.`));
      }, limitMs);
      // Who waits for an answer may end.
      timer.unref();
      open.set(id, (given) => {
        clearTimeout(timer);
        open.delete(id);
        // Both processes run the same program.
        resolve(given as Answer);
      });
      tell(channel, { type: "question", id });
    });
}
