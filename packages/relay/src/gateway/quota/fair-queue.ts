/** First in, first out for each subject; the subjects take turns. */
export interface FairQueue<Waiter> {
  readonly length: number;
  push(subject: string, waiter: Waiter): void;
  /** Takes the next out; undefined when nobody waits. */
  shift(): Waiter | undefined;
  /** Takes out one who does not want to wait any longer. */
  remove(subject: string, waiter: Waiter): void;
  /** Everybody in the order in which they will be served. */
  inOrder(): Waiter[];
}

export function createFairQueue<Waiter>(): FairQueue<Waiter> {
  // Subjects in the order of their turns: the first is next, and goes to the end when served.
  const lanes = new Map<string, Waiter[]>();
  let length = 0;

  function taken(subject: string, lane: Waiter[]): void {
    length -= 1;
    if (lane.length === 0) lanes.delete(subject);
  }

  return {
    get length() {
      return length;
    },
    push(subject, waiter) {
      const lane = lanes.get(subject);
      if (lane === undefined) lanes.set(subject, [waiter]);
      else lane.push(waiter);
      length += 1;
    },
    shift() {
      for (const [subject, lane] of lanes) {
        const waiter = lane.shift();
        lanes.delete(subject);
        lanes.set(subject, lane);
        taken(subject, lane);
        return waiter;
      }
      return undefined;
    },
    remove(subject, waiter) {
      const lane = lanes.get(subject);
      const at = lane?.indexOf(waiter) ?? -1;
      if (lane === undefined || at === -1) return;
      lane.splice(at, 1);
      taken(subject, lane);
    },
    inOrder() {
      const order: Waiter[] = [];
      for (let round = 0; order.length < length; round += 1) {
        for (const lane of lanes.values()) {
          const waiter = lane[round];
          if (waiter !== undefined) order.push(waiter);
        }
      }
      return order;
    },
  };
}
