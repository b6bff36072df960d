import type { Answer, StreamOptions, StreamStatus } from "@gatestream/client";
import type { KnownEvent } from "@gatestream/protocol";
import { createChunkQueue } from "./chunk-queue.ts";
import { createChunkMapping, failureMetadata } from "./mapping/chunk-mapping.ts";
import type { RelayNotice, UiMessageChunk } from "./mapping/ui-message-chunk.ts";
import { setUnread } from "./unread.ts";

/** What `onData` gets as `data` of a part `data-gatestream`: it is no part of the message. */
export type GatestreamNotice =
  | RelayNotice
  | {
      readonly type: "status";
      /** None of the final ones. */
      readonly status: StreamStatus;
    };

export interface AnswerStreamOptions {
  readonly chatId: string;
  readonly open: (options: StreamOptions) => Answer;
  /** The message that the answer continues. */
  readonly messageId?: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** What becomes of the answer when `signal` is aborted. */
  readonly onAbort: (answer: Answer) => void;
}

/**
 * An answer as a stream of chunks. It fails with the answer's `StreamError`, after all chunks before it.
 * Cancelling it only stops reading.
 */
export function createAnswerStream({
  chatId,
  open,
  messageId,
  signal,
  onAbort,
}: AnswerStreamOptions): ReadableStream<UiMessageChunk> {
  const mapping = createChunkMapping({ parseJson, messageId });
  const queue = createChunkQueue(() => {
    ignoreSignal();
    answer.detach();
  });
  let hasMessage = false;

  function ignoreSignal(): void {
    signal?.removeEventListener("abort", abort);
  }

  function abort(): void {
    queue.abort(signal?.reason);
    setUnread(chatId, null);
    onAbort(answer);
  }

  const answer = open({
    onEvent(event) {
      const { type } = event;
      if (type === "start") {
        hasMessage = true;
        setUnread(chatId, answer.id);
      }
      if (type === "stop" || type === "error") setUnread(chatId, null);
      // `onError` follows.
      if (type !== "error") queue.push(mapping.chunksOf(event as KnownEvent));
    },
    onStatus(status) {
      const notice: GatestreamNotice = { type: "status", status };
      if (answer.isRunning) {
        queue.push([{ type: "data-gatestream", data: notice, transient: true }]);
      }
    },
    onDone() {
      ignoreSignal();
      queue.end();
    },
    onError(error) {
      ignoreSignal();
      if (hasMessage) queue.push([...mapping.close(), failureMetadata(error)]);
      queue.end(error);
    },
  });
  signal?.addEventListener("abort", abort, { once: true });
  return queue.stream;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The model has not written JSON: the page gets its text.
    return undefined;
  }
}
