import { isTerminal, type StreamEvent } from "@gatestream/protocol";

/** JSON.stringify overflows the stack some thousand levels deep. */
const maxDepth = 256;

/** How many events from the first on can be written as JSON, up to the terminal event. */
export function writableCount(events: readonly StreamEvent[]): number {
  let count = 0;
  for (const event of events) {
    if (!isWritable(event, maxDepth)) break;
    count += 1;
    if (isTerminal(event)) break;
  }
  return count;
}

function isWritable(value: unknown, depth: number): boolean {
  if (typeof value === "bigint") return false;
  if (typeof value !== "object" || value === null) return true;
  if (depth === 0) return false;
  for (const inner of Object.values(value)) if (!isWritable(inner, depth - 1)) return false;
  return true;
}
