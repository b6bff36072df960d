import { randomUUID } from "node:crypto";
import type { LostStream, WriterListener } from "@gatestream/relay/parts";
import { type EntryId, lastIdAt, noEntry } from "./entry.ts";
import {
  entriesAtOnce,
  type StreamMeta,
  type StreamStore,
  type WrittenFacts,
} from "./stream-store.ts";
import type { WrittenStream } from "./written-stream.ts";

export interface LostStreamsOptions {
  readonly store: StreamStore;
  /** Makes this relay the writer of a stream. */
  readonly open: (facts: WrittenFacts, onClosed: WriterListener["onClosed"]) => WrittenStream;
  /** Called when a stream has all that its last writer wrote: it can be followed. */
  readonly onTaken: (stream: WrittenStream) => void;
}

/** The streams of other relays that are gone. */
export function createLostStreams({ store, open, onTaken }: LostStreamsOptions) {
  let continueStream: ((lost: LostStream) => Promise<boolean>) | undefined;
  const continuing = new Set<string>();

  function lostStream(streamId: string, meta: StreamMeta, handle: string): LostStream {
    const { facts, relayId, last } = meta;
    return {
      streamId,
      facts,
      handle,
      lastId: lastIdAt(last),
      async take({ onClosed }) {
        const writerId = randomUUID();
        if ((await store.take(streamId, relayId, writerId)) === undefined) return undefined;
        const stream = open({ ...facts, streamId, writerId, handle }, onClosed);
        let cursor = noEntry;
        for (;;) {
          const entries = await store.readAfter(streamId, cursor);
          stream.adopt(entries);
          cursor = (entries.at(-1)?.id ?? cursor) as EntryId;
          if (entries.length < entriesAtOnce) break;
        }
        onTaken(stream);
        await stream.synchronize();
        return stream;
      },
    };
  }

  return {
    /** What continues those that can be asked for again; resolves with false where it cannot. */
    continueWith(listener: (lost: LostStream) => Promise<boolean>): void {
      continueStream = listener;
    },
    /** Continues a stream whose relay is gone, or ends it. */
    async handle(streamId: string, meta: StreamMeta): Promise<void> {
      if (continuing.has(streamId)) return;
      continuing.add(streamId);
      try {
        const isContinued =
          meta.handle !== undefined &&
          // Where it fails it ends as lost, too.
          (await continueStream?.(lostStream(streamId, meta, meta.handle)).catch(() => false));
        if (!isContinued) await store.end(streamId, meta.relayId, "lost");
      } finally {
        continuing.delete(streamId);
      }
    },
  };
}
