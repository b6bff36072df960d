import type { Worker } from "node:cluster";

/** What the first process and a worker say to each other. */
export type Message =
  /** A worker takes connections. */
  | { readonly type: "listening"; readonly url: string }
  /** A worker could not begin, and why. */
  | { readonly type: "failed"; readonly problem: string }
  /** A worker is to take no more, and to end when what runs has ended. */
  | { readonly type: "stop" }
  /** See {@link createQuestions}. */
  | { readonly type: "question"; readonly id: number }
  | { readonly type: "answer"; readonly id: number; readonly answer: unknown };

/**
 * Says something to the process at the other end: the first process to the worker, or the worker to
 * the first process. When that is gone, the message is dropped.
 */
export function tell(channel: Worker, message: Message): void {
  // Without a callback a closed channel would be an unhandled error.
  channel.send(message, () => {});
}
