import type { StreamEvent } from "@gatestream/protocol";
import { createMemoryLog } from "../memory-log.ts";

/** Fills a memory log to its limit, and prints how much the heap has grown. Needs --expose-gc. */
const [shape = "", limit = ""] = process.argv.slice(2);
const maxTotalLogBytes = Number(limit);

const shapes: Readonly<Record<string, (index: number) => readonly StreamEvent[]>> = {
  "tokens one by one": (index) => [token(` tok${index % 1_000}`, index)],
  "tokens by eight": (index) =>
    Array.from({ length: 8 }, (_, each) => token(` word${each}`, index * 8 + each)),
  "long texts": (index) => [token("lorem ipsum ".repeat(80), index)],
  "text that is not Latin": (index) => [token("答えは四十二です。".repeat(10), index)],
  "events of the gateway": (index) => [
    parsed({ type: "citation", content: "", index, source: { title: "A", pages: [1, 2, 3] } }),
  ],
};

/** As a decoder makes them. */
function parsed<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}

function token(content: string, index: number): StreamEvent {
  return parsed({ type: "token", content, index });
}

function collect(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

const log = createMemoryLog({ maxLogBytes: 262_144, maxTotalLogBytes, retainClosedMs: 600_000 });
const listener = { onRoom() {}, onClosed() {} };
const before = collect();
let count = 0;
const eventsOf = shapes[shape];
const isInConversation = shape === "streams, each of a conversation";
for (let isFull = false; !isFull; count += 1) {
  const streamId = `stream-${count}-of-this-caller`;
  const conversationId = isInConversation ? `case:${count}:`.padEnd(200, "x") : undefined;
  const metadata = isInConversation
    ? parsed({ queue: "x".repeat(500), id: `${count}` })
    : undefined;
  const facts = { subject: `caller-${count % 50}`, conversationId, metadata };
  const writer = await log.create(streamId, facts, listener);
  for (let index = 0; eventsOf !== undefined && index < 500; index += 1) {
    writer.append(eventsOf(index));
  }
  writer.append([parsed({ type: "stop", reason: "stop" })]);
  isFull = count > 10 && (await log.find("stream-0-of-this-caller")) === undefined;
}
process.stdout.write(JSON.stringify({ count, heapBytes: collect() - before }));
await log.close();
