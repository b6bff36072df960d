import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { StreamEvent } from "@gatestream/protocol";
import { createClient } from "../create-client.ts";
import { anyRequest, eventsOf, handMadeStream } from "../testing/client-of.ts";
import { numberedText, start, stop, token } from "../testing/sse-text.ts";
import type { Checkpoint } from "./stream-options.ts";

const reasoning = (content: string) => ({ type: "reasoning", content }) as const;
const call = (callId: string, fields: object) =>
  ({ type: "tool_call", callId, name: "find_order", ...fields }) as const;
const source = {
  type: "source",
  sourceId: "1",
  url: "https://example.com/a",
  from: 0,
  to: 5,
} as const;
const file = { type: "file", mediaType: "image/png", data: "aGk=" } as const;
const citation = { type: "citation", content: "1", index: 9 };

test("an answer's parts are in the order in which they came, its text is the text alone", async () => {
  const { answer, stream } = handMadeStream();
  answer.send(
    start,
    reasoning("An order "),
    reasoning("number."),
    token("I look "),
    token("it up."),
    call("c1", { argumentsDelta: '{"id":' }),
    call("c2", { arguments: "{}", isComplete: true }),
    call("c1", { argumentsDelta: "4711}" }),
    call("c1", { isComplete: true }),
    citation,
    reasoning("Found."),
    token("Here"),
    source,
    file,
    token(" it is."),
    stop,
  );
  const parts = [
    { type: "reasoning", text: "An order number." },
    { type: "text", text: "I look it up." },
    call("c1", { arguments: '{"id":4711}', isComplete: true }),
    call("c2", { arguments: "{}", isComplete: true }),
    { type: "reasoning", text: "Found." },
    { type: "text", text: "Here" },
    source,
    file,
    { type: "text", text: " it is." },
  ];
  expect(await stream.result()).toEqual({
    text: "I look it up.Here it is.",
    parts,
    reason: "stop",
  });
  expect(stream.parts).toEqual(parts);
  expect(stream.getSnapshot().parts).toBe(stream.parts);
  // Only what the protocol does not know.
  expect(stream.events).toEqual([citation]);
});

test("a part grows, and those before it stay the same objects", async () => {
  const { answer, stream } = handMadeStream();
  const seen: (typeof stream.parts)[] = [];
  const reading = (async () => {
    for await (const _ of stream) seen.push(stream.parts);
  })();
  answer.send(start, reasoning("Hm"), token("Hel"), token(""), token("lo"));
  answer.send(call("c1", { argumentsDelta: "{" }), call("c1", { argumentsDelta: "}" }), stop);
  await reading;
  const last = seen.at(-1);
  expect(last).toEqual([
    { type: "reasoning", text: "Hm" },
    { type: "text", text: "Hello" },
    call("c1", { arguments: "{}", isComplete: false }),
  ]);
  expect(seen.every(([first]) => first === undefined || first === last?.[0])).toBe(true);
});

test("an empty piece begins no part", async () => {
  const { answer, stream } = handMadeStream();
  answer.send(start, token(""), reasoning("Hm"), token(""), reasoning("m"), stop);
  expect((await stream.result()).parts).toEqual([{ type: "reasoning", text: "Hmm" }]);
});

test("pieces of reasoning that came before the first loop come as one", async () => {
  const { answer, stream } = handMadeStream();
  answer.send(start, reasoning("a"), reasoning("b"), token("c"), token("d"), reasoning("e"), stop);
  await stream.result();
  expect(await eventsOf(stream)).toEqual([
    start,
    reasoning("ab"),
    token("cd"),
    reasoning("e"),
    stop,
  ]);
});

const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 });
const events = fc.array(
  fc.oneof(
    text.map((content) => token(content)),
    text.map(reasoning),
    fc
      .record({ callId: fc.constantFrom("c1", "c2"), argumentsDelta: text })
      .map(({ callId, argumentsDelta }) => call(callId, { argumentsDelta })),
    fc.constantFrom(source, file, citation),
  ),
  { minLength: 1, maxLength: 12 },
);

/** A relay that keeps the answer, and breaks its first connection after so many bytes. */
function cutRelay(sent: readonly StreamEvent[], cutAt: number): typeof fetch {
  let requestCount = 0;
  return async (_url, { headers } = {}) => {
    const after = Number(new Headers(headers).get("Last-Event-ID") ?? 0);
    const bytes = new TextEncoder().encode(
      numberedText(after + 1, { ...start, resumable: true }, ...sent.slice(after), stop),
    );
    requestCount += 1;
    const length = requestCount === 1 ? Math.floor(bytes.length * cutAt) : bytes.length;
    const body = new ReadableStream({
      start(controller) {
        if (length > 0) controller.enqueue(bytes.subarray(0, length));
        controller.close();
      },
    });
    return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
  };
}

test("an answer that is cut at any byte and resumed has the same parts", async () => {
  await fc.assert(
    fc.asyncProperty(
      events,
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      async (sent, cutAt) => {
        const clientOf = (at: number, retry: false | { baseDelayMs: number }) =>
          createClient({ url: "/", fetch: cutRelay(sent, at), retry, resumable: true });
        const uncut = await clientOf(1, false).stream(anyRequest).result();
        const again = { baseDelayMs: 0 };
        expect(await clientOf(cutAt, again).stream(anyRequest).result()).toEqual(uncut);
        // On another page, as JSON.
        const client = clientOf(cutAt, false);
        const left = client.stream(anyRequest);
        await left.result().catch(() => {});
        if (left.checkpoint === undefined) return;
        const checkpoint: Checkpoint = JSON.parse(JSON.stringify(left.checkpoint));
        expect(await client.resume(checkpoint).result()).toEqual(uncut);
      },
    ),
  );
});

test("a checkpoint of an older version has its text as one part", async () => {
  const client = createClient({ url: "/", fetch: cutRelay([token("Hel"), token("lo")], 1) });
  const resumed = client.resume({ streamId: "s-1", lastEventId: 1, text: "Hel" });
  expect((await resumed.result()).parts).toEqual([{ type: "text", text: "Hello" }]);
});
