import { isTerminal, type StreamEvent } from "@gatestream/protocol";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isRelayError } from "../../errors.ts";
import { createGenesysTranslator } from "../genesys/translator.ts";
import { LineDecoder, type PayloadDecoder } from "./lines.ts";
import { createOpenaiTranslator } from "../../../../relay-providers/src/openai/translator.ts";
import type { Translator } from "./read-answer.ts";
import { SseDecoder } from "./sse.ts";
import { anyBytes, anyContent, anySplit, withAnySplit, type Arrivals } from "../testing/splits.ts";
import { readAll, readAnswer } from "../testing/upstream-responses.ts";

const keepalives = { idleTimeoutMs: 20_000 };

async function* bodyOf(arrivals: Arrivals) {
  yield* arrivals;
}

interface Reading {
  readonly events: readonly StreamEvent[];
  readonly failure: { readonly code: string; readonly message: string } | undefined;
}

/** What a reader gets, and that it keeps the contract of an answer whatever was sent. */
async function read(
  arrivals: Arrivals,
  decoder: PayloadDecoder,
  translator: Translator,
): Promise<Reading> {
  let ends = 0;
  const onEnd = (): void => void (ends += 1);
  const answer = readAnswer({
    body: bodyOf(arrivals),
    decoder,
    translator,
    limits: keepalives,
    onEnd,
  });
  const { items, failure } = await readAll(answer);
  expect(ends).toBe(1);
  for (const batch of items) expect(batch).not.toEqual([]);
  const events = items.flat();
  if (failure === undefined) {
    expect(events.findIndex(isTerminal)).toBe(events.length - 1);
    return { events, failure };
  }
  if (!isRelayError(failure)) throw failure;
  expect(events.some(isTerminal)).toBe(false);
  return { events, failure: { code: failure.code, message: failure.message } };
}

const genesysObject: fc.Arbitrary<object> = fc.oneof(
  fc.record({ type: fc.constant("token"), content: anyContent, index: fc.nat() }),
  fc.record({ content: anyContent }),
  fc.record({ delta: anyContent, error: fc.constant(null) }),
  fc.record({ type: fc.constantFrom("citation", "queued", "done?"), data: fc.jsonValue() }),
  fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }),
);

const genesysEnd: fc.Arbitrary<object> = fc.oneof(
  fc.record({ type: fc.constantFrom("stop", "done"), content: anyContent }),
  fc.record({ type: fc.constant("error"), message: fc.string() }),
);

const genesysText = fc
  .record({
    mark: fc.constantFrom("", "\uFEFF"),
    parts: fc.array(
      fc.tuple(
        fc.oneof(
          { weight: 12, arbitrary: genesysObject.map((value) => JSON.stringify(value)) },
          { weight: 1, arbitrary: genesysEnd.map((value) => JSON.stringify(value)) },
          { weight: 2, arbitrary: anyContent },
        ),
        fc.constantFrom("\n", "\n", "\r\n", "", " ", "\n\n", "\r\n\r\n"),
      ),
      { maxLength: 20 },
    ),
  })
  .map(({ mark, parts }) => mark + parts.flat().join(""));

test("the gateway's lines mean the same wherever their bytes are cut", async () => {
  const bounds = fc.oneof(fc.constant(1024 * 1024), fc.integer({ min: 1, max: 64 }));
  await fc.assert(
    fc.asyncProperty(withAnySplit(genesysText), bounds, async ({ bytes, arrivals }, maxBytes) => {
      const readOf = (source: Arrivals): Promise<Reading> =>
        read(source, new LineDecoder(maxBytes), createGenesysTranslator());
      expect(await readOf(arrivals)).toEqual(await readOf([[bytes]]));
    }),
    { numRuns: 400 },
  );
});

/** One event in any framing that the specification allows. */
const sseEvent = (data: fc.Arbitrary<string>): fc.Arbitrary<readonly string[]> =>
  fc.oneof(
    { weight: 6, arbitrary: data.map((text) => [`data: ${text}`, ""]) },
    { weight: 1, arbitrary: data.map((text) => [`id: 1`, "event: x", `data:${text}`, ""]) },
    { weight: 1, arbitrary: fc.constant([": ping", ""]) },
    { weight: 1, arbitrary: fc.constant(["retry: 5", "odd", "data", ""]) },
    { weight: 1, arbitrary: data.map((text) => [`data: ${text}`]) },
  );

function sseText(data: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .record({
      mark: fc.constantFrom("", "\uFEFF"),
      events: fc.array(fc.tuple(sseEvent(data), fc.constantFrom("\n", "\r\n", "\r")), {
        maxLength: 20,
      }),
    })
    .map(
      ({ mark, events }) =>
        mark + events.map(([lines, end]) => lines.map((line) => line + end).join("")).join(""),
    );
}

test("server-sent events are the same wherever their bytes are cut: LF, CRLF and CR", () => {
  const data = anyContent.map((text) => text.replace(/[\r\n]/g, "·"));
  fc.assert(
    fc.property(withAnySplit(sseText(data)), ({ bytes, arrivals }) => {
      const payloadsOf = (chunks: readonly Uint8Array[]): string[] => {
        const decoder = new SseDecoder();
        return [...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.end()];
      };
      expect(payloadsOf(arrivals.flat())).toEqual(payloadsOf([bytes]));
    }),
    { numRuns: 400 },
  );
});

const openaiChunk: fc.Arbitrary<string> = fc
  .oneof(
    {
      weight: 8,
      arbitrary: anyContent.map((content) => ({ choices: [{ index: 0, delta: { content } }] })),
    },
    { weight: 1, arbitrary: fc.constant({ choices: [{ delta: { role: "assistant" } }] }) },
    { weight: 1, arbitrary: fc.constant({ choices: [{ delta: {}, finish_reason: "length" }] }) },
    { weight: 1, arbitrary: fc.constant({ choices: [], usage: { total_tokens: 3 } }) },
    { weight: 1, arbitrary: fc.jsonValue() },
    { weight: 1, arbitrary: fc.record({ error: fc.record({ message: fc.string() }) }) },
  )
  .map((value) => JSON.stringify(value));

test("chunks of a completion mean the same wherever their bytes are cut", async () => {
  const data = fc.oneof(
    { weight: 12, arbitrary: openaiChunk },
    { weight: 1, arbitrary: fc.constantFrom("[DONE]", " [DONE] ", '{"choices":', "") },
  );
  await fc.assert(
    fc.asyncProperty(withAnySplit(sseText(data)), async ({ bytes, arrivals }) => {
      const readOf = (source: Arrivals): Promise<Reading> =>
        read(source, new SseDecoder(), createOpenaiTranslator());
      expect(await readOf(arrivals)).toEqual(await readOf([[bytes]]));
    }),
    { numRuns: 400 },
  );
});

const sources = [
  ["lines", LineDecoder, ["\n", "\r\n", "\uFEFF", '{"content":"é', '"}', "{", '{"type":"x"}']],
  ["events", SseDecoder, ["\n", "\r", "\n\n", "\uFEFF", "data: ", "data:{", "id: 1", ": "]],
] as const;

test.each(sources)(
  "random bytes are never more than a RelayError: %s",
  async (_, Decoder, familiar) => {
    const input = anyBytes(...familiar).chain((bytes) => anySplit(bytes));
    await fc.assert(
      fc.asyncProperty(input, fc.integer({ min: 1, max: 64 }), async (arrivals, maxBytes) => {
        for (const createTranslator of [createGenesysTranslator, createOpenaiTranslator]) {
          await read(arrivals, new Decoder(maxBytes), createTranslator());
        }
      }),
      { numRuns: 400 },
    );
  },
);

test("an unfinished line is never longer than maxBytes and one chunk", () => {
  const input = anyBytes("\n", "x", "é", '{"a":1}').chain((bytes) => anySplit(bytes));
  fc.assert(
    fc.property(input, fc.integer({ min: 1, max: 32 }), (arrivals, maxBytes) => {
      const decoder = new LineDecoder(maxBytes);
      let unfinishedBytes = 0;
      for (const chunk of arrivals.flat()) {
        const end = chunk.lastIndexOf(0x0a);
        const before = unfinishedBytes;
        unfinishedBytes = end === -1 ? before + chunk.length : chunk.length - end - 1;
        let lines: string[];
        try {
          lines = decoder.push(chunk);
        } catch (failure) {
          expect(isRelayError(failure)).toBe(true);
          return;
        }
        for (const line of lines) {
          // What is not UTF-8 grows when it is replaced: three bytes for one.
          expect(line.length).toBeLessThanOrEqual(maxBytes);
        }
        expect(before).toBeLessThanOrEqual(maxBytes);
        if (lines.length === 0) expect(unfinishedBytes).toBeLessThanOrEqual(maxBytes);
      }
    }),
    { numRuns: 400 },
  );
});

test("an unfinished event never holds more than maxBytes and one chunk", () => {
  const line = fc.nat(20).map((length) => `data: ${"x".repeat(length)}\n`);
  fc.assert(
    fc.property(fc.array(line), fc.integer({ min: 1, max: 64 }), (lines, maxBytes) => {
      const decoder = new SseDecoder(maxBytes);
      let heldChars = 0;
      for (const text of lines) {
        try {
          expect(decoder.push(Buffer.from(text))).toEqual([]);
        } catch (failure) {
          expect(isRelayError(failure)).toBe(true);
          return;
        }
        heldChars += text.length - "data: \n".length;
        expect(heldChars).toBeLessThanOrEqual(maxBytes + text.length);
      }
    }),
  );
});
