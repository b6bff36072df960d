/** A batch of the log and its entry in the log's map. */
const batchBytes = 136;
const objectBytes = 24;
const arrayBytes = 32;
const slotBytes = 8;
const stringBytes = 16;
const latin1 = /^[\0-\xff]*$/;

/** About what a batch of events holds in V8's heap: several times its JSON where tokens are short. */
export function heapBytesOf(events: readonly unknown[]): number {
  return batchBytes + sizeOf(events);
}

function sizeOf(value: unknown): number {
  if (typeof value === "string") {
    return stringBytes + (latin1.test(value) ? value.length : 2 * value.length);
  }
  if (typeof value !== "object" || value === null) return 0;
  const inner = Object.values(value);
  let bytes = (Array.isArray(value) ? arrayBytes : objectBytes) + slotBytes * inner.length;
  for (const each of inner) bytes += sizeOf(each);
  return bytes;
}
