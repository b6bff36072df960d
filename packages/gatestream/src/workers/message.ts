import type { Worker } from "node:cluster";

/** The messages between the first process and a worker. */
export type Message =
  /** A worker accepts connections. */
  | { readonly type: "listening"; readonly url: string }
  /** A worker could not start, and why. */
  | { readonly type: "failed"; readonly problem: string }
  /** A worker must stop accepting connections, and end after its running streams. */
  | { readonly type: "stop" }
  /** See {@link createIpcRequest}. */
  | { readonly type: "question"; readonly id: number }
  | { readonly type: "answer"; readonly id: number; readonly answer: unknown };

/**
 * Sends a message to the other process: the first process to the worker, or the worker to
 * the first process. When that is gone, the message is dropped.
 */
export function notify(channel: Worker, message: Message): void {
  // Without a callback a closed channel would be an unhandled error.
  channel.send(message, () => {});
}
