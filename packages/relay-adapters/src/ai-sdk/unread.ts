/** Of how many streams it is remembered that no reader has read their end. */
const maxStreams = 10_000;

/** The streams that a reader has begun and none has read to its end, on this relay. */
export interface Unread {
  begin(streamId: string): void;
  end(streamId: string): void;
  has(streamId: string): boolean;
}

export function createUnread(): Unread {
  const streamIds = new Set<string>();
  return {
    begin(streamId) {
      streamIds.add(streamId);
      const [oldest] = streamIds;
      if (streamIds.size > maxStreams && oldest !== undefined) streamIds.delete(oldest);
    },
    end: (streamId) => void streamIds.delete(streamId),
    has: (streamId) => streamIds.has(streamId),
  };
}
