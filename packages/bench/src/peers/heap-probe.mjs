// Loaded into a relay's process before it: tells what the heap holds once garbage is collected.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc");

process.on("message", () => {
  // What finalizers release outside of the heap is gone after the second time.
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  process.send(heapUsed + external);
});
