import { setImmediate as loopTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** As often as it takes for handles, finalizers and weak references to be gone; more changes nothing. */
const maxCollections = 20;

/** What the heap and buffers hold, in bytes, once collecting garbage frees nothing more. */
export async function settledHeap(): Promise<number> {
  let least = Infinity;
  for (let count = 0, idle = 0; count < maxCollections && idle < 3; count += 1) {
    // What finalizers free, and handles that were closed, go in a turn of their own.
    await loopTurn();
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    idle = heapUsed + external < least ? 0 : idle + 1;
    least = Math.min(least, heapUsed + external);
  }
  return least;
}
