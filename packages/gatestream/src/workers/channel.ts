import type { Worker } from "node:cluster";
import { randomUUID } from "node:crypto";
import { on } from "node:events";

/** The messages between the first process and a worker. */
export type Message =
  /** A worker accepts connections. */
  | { readonly type: "listening"; readonly url: string }
  /** A worker could not start, and why. */
  | { readonly type: "failed"; readonly problem: string }
  /** A worker must stop accepting connections, and end after its running streams. */
  | { readonly type: "stop" }
  /** There is one question in each direction: a worker asks for the metrics of all, the first process for the worker's. */
  | { readonly type: "question"; readonly id: string }
  | { readonly type: "answer"; readonly id: string; readonly answer: unknown };

/**
 * Sends a message to the other process: the first process to the worker, or the worker to
 * the first process. When that is gone, the message is dropped.
 */
export function notify(channel: Worker, message: Message): void {
  // Without a callback a closed channel would be an unhandled error.
  channel.send(message, () => {});
}

/** Answers the questions of the other process; where it fails, that one gets none and times out. */
export function answerQuestions(channel: Worker, answer: () => Promise<unknown>): void {
  channel.on("message", (message: Message) => {
    if (message.type !== "question") return;
    const { id } = message;
    answer().then(
      (given) => notify(channel, { type: "answer", id, answer: given }),
      () => {},
    );
  });
}

/** The other process's answer. It rejects when there is none within `limitMs`. */
export async function askOther<Answer>(channel: Worker, limitMs: number): Promise<Answer> {
  const id = randomUUID();
  const messages = on(channel, "message", { signal: AbortSignal.timeout(limitMs) });
  notify(channel, { type: "question", id });
  for await (const [message] of messages as AsyncIterable<readonly [Message]>) {
    // Both processes run the same program.
    if (message.type === "answer" && message.id === id) return message.answer as Answer;
  }
  throw new Error("The channel to the other process is closed.");
}
