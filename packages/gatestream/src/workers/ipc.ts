import type { Worker } from "node:cluster";
import { notify, type Message } from "./message.ts";

export interface IpcRequestOptions {
  /** This process's answer to a request. */
  readonly answer: () => Promise<unknown>;
  /** How long the other one may take, in milliseconds. */
  readonly limitMs: number;
}

/**
 * Requests between two processes. There is one request in each direction: a worker requests the
 * metrics of all, the first process the values of the worker.
 *
 * @returns a function that sends a request. It rejects when there is no answer in time.
 */
export function createIpcRequest<Answer>(
  channel: Worker,
  { answer, limitMs }: IpcRequestOptions,
): () => Promise<Answer> {
  const open = new Map<number, (answer: unknown) => void>();
  let asked = 0;
  channel.on("message", (message: Message) => {
    if (message.type === "answer") open.get(message.id)?.(message.answer);
    if (message.type !== "question") return;
    const { id } = message;
    answer().then(
      (given) => notify(channel, { type: "answer", id, answer: given }),
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
      // A pending request must not keep the process alive.
      timer.unref();
      open.set(id, (given) => {
        clearTimeout(timer);
        open.delete(id);
        // Both processes run the same program.
        resolve(given as Answer);
      });
      notify(channel, { type: "question", id });
    });
}
