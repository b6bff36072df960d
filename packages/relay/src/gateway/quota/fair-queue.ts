/** What the queue knows of pending requests. */
export interface Queued {
  readonly subject: string;
  /** What it keeps in memory while it waits. */
  readonly bytes: number;
}

interface Lane<Entry> {
  readonly entries: Set<Entry>;
  bytes: number;
}

export type FairQueue<Entry extends Queued> = ReturnType<typeof createFairQueue<Entry>>;

/** First in, first out for each subject; the subjects take turns. */
export function createFairQueue<Entry extends Queued>() {
  // Subjects in the order of their turns: the first is next, and goes to the end when served.
  const lanes = new Map<string, Lane<Entry>>();
  let length = 0;

  /** Takes out one that does not want to wait any longer. */
  function remove(entry: Entry): void {
    const lane = lanes.get(entry.subject);
    if (lane?.entries.delete(entry) !== true) return;
    length -= 1;
    lane.bytes -= entry.bytes;
    if (lane.entries.size === 0) lanes.delete(entry.subject);
  }

  return {
    get length(): number {
      return length;
    },
    push(entry: Entry): void {
      const lane = lanes.get(entry.subject) ?? { entries: new Set(), bytes: 0 };
      lanes.set(entry.subject, lane);
      lane.entries.add(entry);
      lane.bytes += entry.bytes;
      length += 1;
    },
    /** Takes the next out that is ready; undefined when there is none. */
    shift(isReady: (entry: Entry) => boolean): Entry | undefined {
      for (const [subject, lane] of lanes) {
        for (const entry of lane.entries) {
          if (!isReady(entry)) continue;
          lanes.delete(subject);
          lanes.set(subject, lane);
          remove(entry);
          return entry;
        }
      }
      return undefined;
    },
    remove,
    /** All in the order in which they will be served. */
    inOrder(): Entry[] {
      const order: Entry[] = [];
      let rest = Array.from(lanes.values(), ({ entries }) => entries.values());
      while (rest.length > 0) {
        rest = rest.filter((entries) => {
          const { done, value } = entries.next();
          if (!done) order.push(value);
          return !done;
        });
      }
      return order;
    },
    /** The newest entry of the subject that has most of `what` here; of equals `subject` itself. */
    newestOfLargest(what: "entries" | "bytes", subject: string): Entry | undefined {
      let largest = lanes.get(subject);
      const sizeOf = (lane?: Lane<Entry>): number =>
        (what === "bytes" ? lane?.bytes : lane?.entries.size) ?? 0;
      for (const lane of lanes.values()) if (sizeOf(lane) > sizeOf(largest)) largest = lane;
      return [...(largest?.entries ?? [])].at(-1);
    },
  };
}
