import type { StartEvent, StreamEvent } from "@gatestream/protocol";
import * as fc from "fast-check";

export const start: StartEvent = {
  type: "start",
  streamId: "s-1",
  resumable: true,
  resumableForMs: 300_000,
  heartbeatMs: 15_000,
};

/** Each way in which an answer can end. */
export const terminals: readonly StreamEvent[] = [
  ...[
    "stop",
    "length",
    "content_filter",
    "tool_calls",
    "eof",
    "cancelled",
    "abandoned",
    "own word",
  ].map((reason) => ({ type: "stop", reason }) as const),
  {
    type: "stop",
    reason: "stop",
    usage: { inputTokens: 3, outputTokens: 7, raw: JSON.parse('{"__proto__":{"total":10}}') },
  },
  ...(["gateway_interrupted", "producer_lost", "slow_consumer", "relay_draining"] as const).map(
    (code) =>
      ({ type: "error", code, message: "It failed.", retryable: true, requestId: "r-1" }) as const,
  ),
];

/** What breaks an encoder that escapes too little, or looks names up in an object. */
const hostile = [
  "",
  "\n\n",
  "\r\ndata: {}\r\n\r\nid: 7\n",
  "\u2028\u2029\u0000\u0085\ufeff",
  "\ud83e\udd50 \ud83e",
  "\udd50",
  "</script><!--",
  "[DONE]",
];
const names = ["citation", "__proto__", "constructor", "toString", "finish", "[DONE]", "a b\nc"];

const content = fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: "binary" }));

const token = content.map((text) => ({ type: "token", content: text, index: 0 }));
const reasoning = content.map((text) => ({ type: "reasoning", content: text }));

/** A call in pieces or whole, complete or cut off. */
const toolCall = fc
  .record({
    callId: fc.constantFrom("call_1", "call_2", "call_3", "__proto__"),
    name: fc.constantFrom("find_order", "toString"),
    pieces: fc.array(content, { maxLength: 3 }),
    isWhole: fc.boolean(),
    isComplete: fc.boolean(),
  })
  .map(({ callId, name, pieces, isWhole, isComplete }) => {
    const call = { type: "tool_call", callId, name };
    const last = isComplete ? [{ ...call, isComplete: true }] : [];
    const events = isWhole
      ? [
          {
            ...call,
            arguments: `{"__proto__":${JSON.stringify(pieces)}}`,
            ...(isComplete && { isComplete: true }),
          },
        ]
      : [...pieces.map((argumentsDelta) => ({ ...call, argumentsDelta })), ...last];
    return { callId, events };
  });

const source = fc.record({
  type: fc.constant("source"),
  sourceId: fc.constantFrom("1", "2"),
  url: fc.constant("https://example.com/hours"),
  title: content,
});
const file = fc.constantFrom(
  { type: "file", mediaType: "image/png", data: "iVBORw0=" },
  { type: "file", mediaType: "image/png", url: "https://example.com/a.png" },
);
/** As it came: JSON may have any name. */
const own = fc
  .record({
    type: fc.constantFrom(...names),
    field: fc.constantFrom(...names),
    value: fc.oneof(content, fc.constant({ prototype: {} })),
  })
  .map(({ type, field, value }) =>
    JSON.parse(
      `{"type":${JSON.stringify(type)},${JSON.stringify(field)}:${JSON.stringify(value)}}`,
    ),
  );
const notice = fc.constantFrom({ type: "warning", code: "malformed_line" }, { type: "live" });

const part = fc.oneof(
  { weight: 4, arbitrary: token },
  reasoning,
  toolCall.map(({ events }) => events),
  source,
  file,
  own,
  notice,
);

/** The events of an answer, with the notices that its reader gets among them, and its end. */
export const answers: fc.Arbitrary<readonly StreamEvent[]> = fc
  .record({
    positions: fc.array(fc.nat(9), { maxLength: 2 }),
    parts: fc.array(part, { maxLength: 12 }),
    terminal: fc.constantFrom(...terminals),
  })
  .map(({ positions, parts, terminal }) => {
    const queued = positions.map((position) => ({ type: "queued", position }));
    return [queued, eachCallOnce(parts.flat()), terminal].flat();
  }) as fc.Arbitrary<readonly StreamEvent[]>;

/** No gateway goes on with a call that was complete. */
function eachCallOnce(events: readonly Record<string, unknown>[]) {
  const complete = new Set<unknown>();
  return events.filter((event) => {
    const isOver = event["type"] === "tool_call" && complete.has(event["callId"]);
    if (event["isComplete"] === true || "arguments" in event) complete.add(event["callId"]);
    return !isOver;
  });
}
