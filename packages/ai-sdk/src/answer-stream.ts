import type { Answer, StreamError, StreamOptions, StreamStatus } from "@gatestream/client";
import type { KnownEvent } from "@gatestream/protocol";
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
  let hasMessage = false;
  let isOver = false;
  let failure: StreamError | undefined;
  let leave = (): void => {};

  function start(controller: ReadableStreamDefaultController<UiMessageChunk>): void {
    function send(chunks: readonly UiMessageChunk[]): void {
      if (isOver) return;
      for (const chunk of chunks) controller.enqueue(chunk);
    }

    function end(close: () => void): void {
      if (isOver) return;
      isOver = true;
      signal?.removeEventListener("abort", abort);
      close();
    }

    function abort(): void {
      end(() => controller.error(signal?.reason));
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
        if (type !== "error") send(mapping.chunksOf(event as KnownEvent));
      },
      onStatus(status) {
        const notice: GatestreamNotice = { type: "status", status };
        if (answer.isRunning) send([{ type: "data-gatestream", data: notice, transient: true }]);
      },
      onDone: () => end(() => controller.close()),
      onError(error) {
        if (hasMessage) send([...mapping.close(), failureMetadata(error)]);
        end(() => {
          failure = error;
          // What has not been read is lost with a stream that fails.
          if (controller.desiredSize === 0) controller.error(error);
        });
      },
    });
    leave = () => end(() => answer.detach());
    signal?.addEventListener("abort", abort, { once: true });
  }

  return new ReadableStream(
    {
      start,
      pull(controller) {
        if (failure !== undefined) controller.error(failure);
      },
      cancel: () => leave(),
    },
    { highWaterMark: 0 },
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The model has not written JSON: the page gets its text.
    return undefined;
  }
}
