import type { UiMessageChunk } from "./mapping/ui-message-chunk.ts";

/** Chunks that come when they come, for a reader that takes them when it can. */
export interface ChunkQueue {
  readonly stream: ReadableStream<UiMessageChunk>;
  /** Text that waits for the reader is one chunk: a slow page, or one that resumes, gets few. */
  push(chunks: readonly UiMessageChunk[]): void;
  /** Closes the stream, or fails it, once the reader has everything. */
  end(failure?: Error): void;
  /** Fails the stream at once. */
  abort(reason: unknown): void;
}

/** `onCancel` is called when the reader leaves. */
export function createChunkQueue(onCancel: () => void): ChunkQueue {
  const waiting: UiMessageChunk[] = [];
  let controller: ReadableStreamDefaultController<UiMessageChunk> | undefined;
  /** Whether the reader waits for a chunk. */
  let isWanted = false;
  let isOver = false;
  let finish: (() => void) | undefined;

  function deliver(): void {
    const next = isWanted ? waiting.shift() : undefined;
    if (next !== undefined) {
      isWanted = false;
      controller?.enqueue(next);
    }
    if (waiting.length === 0) finish?.();
  }

  function add(chunk: UiMessageChunk): void {
    const last = waiting.at(-1);
    if (last && "delta" in last && "delta" in chunk && last.id === chunk.id) {
      waiting.splice(-1, 1, { ...last, delta: last.delta + chunk.delta });
    } else {
      waiting.push(chunk);
    }
  }

  const source: UnderlyingDefaultSource<UiMessageChunk> = {
    start(given) {
      controller = given;
    },
    pull() {
      isWanted = true;
      deliver();
    },
    cancel() {
      isOver = true;
      onCancel();
    },
  };

  return {
    stream: new ReadableStream(source, { highWaterMark: 0 }),
    push(chunks) {
      if (isOver) return;
      for (const chunk of chunks) add(chunk);
      deliver();
    },
    end(failure) {
      if (isOver) return;
      isOver = true;
      finish = () => (failure ? controller?.error(failure) : controller?.close());
      deliver();
    },
    abort(reason) {
      isOver = true;
      controller?.error(reason);
    },
  };
}
