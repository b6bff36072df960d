import { setImmediate } from "node:timers/promises";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { LineDecoder } from "../decode/lines.ts";
import { SseDecoder } from "../decode/sse.ts";
import { anyContent, everySplit } from "../testing/splits.ts";
import { pieces, readAll, readAnswer } from "../testing/upstream-responses.ts";
import { createGenesysTranslator } from "./translator.ts";

const keepalives = { idleTimeoutMs: 20_000 };

function answer(body: AsyncIterable<readonly Uint8Array[]>, maxLineBytes = 4096) {
  const decoder = new LineDecoder(maxLineBytes);
  const translator = createGenesysTranslator();
  return readAnswer({ body, decoder, translator, limits: keepalives, onEnd: () => {} });
}

/** The events of a whole body, without regard to what arrived together. */
async function eventsOf(text: string, maxLineBytes?: number) {
  const { items, failure } = await readAll(answer(pieces(text), maxLineBytes));
  return { events: items.flat(), failure };
}

const stop = { type: "stop", reason: "stop" };
const stopLine = '{"type":"stop"}\n';
const malformed = { type: "warning", code: "malformed_line" };

function token(content: string, index: number) {
  return { type: "token", content, index };
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

test("wherever the bytes are cut, the events are the same", async () => {
  const text =
    '\uFEFF{"type":"token","content":"é{","index":0}\r\n\n' +
    '{"delta":"€\\n"} {"content":"👍\\"}"}\nnot json\n{"type":"cite","url":"x"}\n{"type":"stop"}';
  const events = [
    token("é{", 0),
    token("€\n", 1),
    token('👍"}', 2),
    malformed,
    { type: "cite", url: "x", content: "", index: 3 },
    stop,
  ];
  for (const chunks of everySplit(Buffer.from(text))) {
    const { items, failure } = await readAll(
      answer(
        (async function* () {
          for (const chunk of chunks) yield [chunk];
        })(),
      ),
    );
    expect(failure).toBeUndefined();
    expect(items.flat()).toEqual(events);
  }
});

test.each([
  { type: "reasoning", content: "Hm." },
  { type: "reasoning", content: "" },
  { type: "tool_call", callId: "c1", name: "find", argumentsDelta: "{" },
  { type: "tool_call", callId: "c1", name: "find", arguments: "{}", isComplete: true },
  { type: "tool_call", callId: "c1", name: "find", isComplete: true },
  { type: "source", sourceId: "1", url: "https://example.com/", title: "A", from: 0, to: 4 },
  { type: "source", sourceId: "1", documentId: "d", content: "own", score: 0.5 },
  { type: "file", mediaType: "image/png", data: "AAAA", index: 9 },
  { type: "file", mediaType: "image/png", url: "https://example.com/a.png" },
])("what an answer is made of is passed on with its fields as they came: %j", async (part) => {
  const { events } = await eventsOf(line({ content: "a" }) + line(part) + line({ content: "b" }));
  expect(events.slice(0, 3)).toEqual([token("a", 0), part, token("b", 1)]);
});

test.each([
  { type: "reasoning" },
  { type: "reasoning", content: 7 },
  { type: "tool_call", name: "find", arguments: "{}" },
  { type: "tool_call", callId: "c1", name: "" },
  { type: "tool_call", callId: "c1", name: "find", arguments: { id: 1 } },
  { type: "tool_call", callId: "c1", name: "find", isComplete: false },
  { type: "source", url: "https://example.com/" },
  { type: "source", sourceId: "1", from: -1 },
  { type: "file", mediaType: "image/png" },
  { type: "file", data: "AAAA" },
])("one whose fields are not the protocol's gets gateway. in front: %j", async (part) => {
  const { events } = await eventsOf(line(part) + stopLine);
  expect(events).toEqual([{ ...part, type: `gateway.${part.type}`, content: "", index: 0 }, stop]);
});

test("what arrived together is one batch, however many chunks and lines it was", async () => {
  const first = [line({ content: "a" }) + line({ content: "b" }), line({ content: "c" }), '{"con'];
  const { items } = await readAll(answer(pieces(first, ['tent":"d"}\n'], [stopLine])));
  expect(items).toEqual([[token("a", 0), token("b", 1), token("c", 2)], [token("d", 3)], [stop]]);
});

test("what completes no event makes no batch", async () => {
  const { items } = await readAll(answer(pieces("\n", '{"type":', "  ", '"stop"}\n')));
  expect(items).toEqual([[stop]]);
});

test("leading newlines and spaces of a token are kept", async () => {
  const contents = ["\n\n", "  two", " ", "", "tab\t"];
  const { events } = await eventsOf(contents.map((content) => line({ content })).join(""));
  expect(events.slice(0, -1)).toEqual(contents.map(token));
});

test("a token without index is counted on from the last one", async () => {
  const { events } = await eventsOf(
    [{ content: "a" }, { content: "b", index: 7 }, { delta: "c" }, { content: "d", index: "9" }]
      .map(line)
      .join(""),
  );
  expect(events.slice(0, -1)).toEqual([token("a", 0), token("b", 7), token("c", 8), token("d", 9)]);
});

test("tokens may be called token, delta or nothing, and hold content or delta", async () => {
  const values = [
    { type: "token", content: "a" },
    { type: "delta", delta: "b" },
    { delta: "c" },
    { type: "token", delta: "d" },
    { type: 7, content: "e" },
  ];
  const { events } = await eventsOf(values.map(line).join(""));
  expect(events.slice(0, -1)).toEqual(["a", "b", "c", "d", "e"].map(token));
});

test("a type that only the gateway knows is passed on whole, with content and index", async () => {
  const citation = { type: "citation", url: "https://example.org", nested: { list: [1, null] } };
  const { events } = await eventsOf(
    line({ content: "a" }) + line(citation) + line({ ...citation, content: "b", index: 5 }),
  );
  expect(events.slice(1, -1)).toEqual([
    { ...citation, content: "", index: 1 },
    { ...citation, content: "b", index: 5 },
  ]);
});

test.each(["start", "queued", "warning", "live", "gap", "reconnect"])(
  "a gateway type that is a notice's name gets a prefix: %s",
  async (type) => {
    const { events } = await eventsOf(line({ type, content: "x", code: "y" }));
    expect(events[0]).toEqual({ type: `gateway.${type}`, content: "x", code: "y", index: 0 });
  },
);

test.each(["stop", "done"])("%s ends the answer, and what follows is not read", async (type) => {
  const { events, failure } = await eventsOf(line({ type }) + line({ content: "late" }));
  expect(events).toEqual([stop]);
  expect(failure).toBeUndefined();
});

test("objects behind stop on the same line are not read", async () => {
  const { events } = await eventsOf('{"content":"a"}{"type":"stop"}{"content":"b"}');
  expect(events).toEqual([token("a", 0), stop]);
});

test("text on the stop object is a token before the stop", async () => {
  const { events } = await eventsOf(
    line({ content: "a" }) + line({ type: "stop", content: "b", finishReason: "length" }),
  );
  expect(events).toEqual([token("a", 0), token("b", 1), { type: "stop", reason: "length" }]);
});

test("usage goes with the stop when it is an object", async () => {
  const usage = { inputTokens: 3, details: { cached: 1 } };
  expect((await eventsOf(line({ type: "stop", usage }))).events).toEqual([{ ...stop, usage }]);
  expect((await eventsOf(line({ type: "stop", usage: 7 }))).events).toEqual([stop]);
});

test.each(["reason", "finishReason", "finish_reason", "stopReason"])(
  "the gateway's own reason is reported, whatever it calls the field: %s",
  async (field) => {
    const { events } = await eventsOf(line({ type: "stop", [field]: "content_filter" }));
    expect(events).toEqual([{ type: "stop", reason: "content_filter" }]);
  },
);

test("a reason that is no text is stop", async () => {
  for (const reason of [null, "", 3, {}]) {
    expect((await eventsOf(line({ type: "stop", reason }))).events).toEqual([stop]);
  }
});

test("an EOF without a terminal event is reported as eof, not as stop", async () => {
  const { events, failure } = await eventsOf(line({ content: "a" }));
  expect(events).toEqual([token("a", 0), { type: "stop", reason: "eof" }]);
  expect(failure).toBeUndefined();
});

test("a body without a byte is eof", async () => {
  expect((await readAll(answer(pieces()))).items).toEqual([[{ type: "stop", reason: "eof" }]]);
});

test("a last line without newline counts", async () => {
  const { items } = await readAll(answer(pieces(line({ content: "a" }), '{"type":"done"}')));
  expect(items).toEqual([[token("a", 0)], [stop]]);
});

test("a last line that is cut off is malformed, then eof", async () => {
  const { events } = await eventsOf(`${line({ content: "a" })}{"content":"b`);
  expect(events).toEqual([token("a", 0), malformed, { type: "stop", reason: "eof" }]);
});

test("lines that are not JSON objects are skipped, each with a warning", async () => {
  const { events } = await eventsOf(`<html>\n${line({ content: "a" })}[1]\n"x"\n7\nnull\n`);
  expect(events.filter(({ type }) => type === "warning")).toHaveLength(5);
  expect(events).toContainEqual(token("a", 0));
});

test("a line that is partly readable gives its objects, then one warning", async () => {
  const { events } = await eventsOf(`x{"content":"a"}y{"content":"b"}z\n${stopLine}`);
  expect(events).toEqual([token("a", 0), token("b", 1), malformed, stop]);
});

test("as many malformed lines as are allowed pass; one more is a protocol error", async () => {
  const skipped = Array.from({ length: 16 }, () => malformed);
  const allowed = await eventsOf(`${"x\n".repeat(16)}${stopLine}`);
  expect(allowed.events).toEqual([...skipped, stop]);
  const refused = await eventsOf(`${line({ content: "a" })}${"x\n".repeat(17)}${stopLine}`);
  expect(refused.events).toEqual([token("a", 0), ...skipped]);
  expect(refused.failure).toMatchObject({
    code: "gateway_protocol_error",
    message: "More than 16 lines of the answer were not JSON.",
  });
});

test("events before an error in the middle come first, then the error, exactly once", async () => {
  const error = { type: "error", message: "Out of memory", code: "model", contextId: "c-1" };
  const text = line({ content: "a" }) + line(error) + line({ content: "b" }) + stopLine;
  for (const body of [pieces(text), pieces(...text.split(/(?<=\n)/)), pieces([...text])]) {
    const events = answer(body)[Symbol.asyncIterator]();
    await expect(events.next()).resolves.toMatchObject({ value: [token("a", 0)] });
    await expect(events.next()).rejects.toMatchObject({
      code: "gateway_interrupted",
      message: "The gateway reported an error in the middle of the answer (code model).",
      cause: { code: "model", contextId: "c-1", status: undefined },
    });
    await expect(events.next()).resolves.toEqual({ done: true, value: undefined });
  }
});

test.each([
  ["an error object", { error: { message: "Too hot", code: "heat" } }],
  ["an error code alone", { error: "heat" }],
  ["a type error with an error object", { type: "error", error: { type: "heat" } }],
  ["a description", { type: "error", error_description: "Too hot", code: "heat" }],
])("the gateway's code of an error is found: %s", async (_, value) => {
  const { failure } = await eventsOf(line(value));
  expect(failure).toMatchObject({
    code: "gateway_interrupted",
    message: "The gateway reported an error in the middle of the answer (code heat).",
  });
});

test("a field error that is null reports nothing", async () => {
  const { events, failure } = await eventsOf(
    line({ content: "a", error: null }) + line({ type: "stop", error: null }),
  );
  expect(failure).toBeUndefined();
  expect(events).toEqual([token("a", 0), stop]);
});

test("an error's sentences reach neither the client nor the log", async () => {
  const said = "10.0.0.7 does not like your question";
  const { failure } = await eventsOf(line({ type: "error", message: said, code: said }));
  expect(failure).toMatchObject({
    message: "The gateway reported an error in the middle of the answer.",
    cause: { message: "The gateway failed." },
  });
});

test("an answer of which no line is JSON is a protocol error, not an end", async () => {
  const { events, failure } = await eventsOf("Internal error\n");
  expect(events).toEqual([malformed]);
  expect(failure).toMatchObject({ code: "gateway_protocol_error" });
});

test("events before a line that is too long come first, also from the same chunk", async () => {
  for (const end of ["", "\n", `\n${stopLine}`]) {
    const text = `${line({ content: "a" })}{"content":"${"x".repeat(100)}"}${end}`;
    const { events, failure } = await eventsOf(text, 64);
    expect(events).toEqual([token("a", 0)]);
    expect(failure).toMatchObject({
      code: "gateway_protocol_error",
      message: "The gateway sent a line longer than 64 bytes.",
    });
  }
});

test("a body that fails gives what came before, then its failure", async () => {
  const cut = new Error("cut");
  async function* body() {
    yield* pieces(line({ content: "a" }));
    throw cut;
  }
  const { items, failure } = await readAll(answer(body()));
  expect(items).toEqual([[token("a", 0)]]);
  expect(failure).toBe(cut);
});

test("the body is left as soon as the answer is over, in whatever way", async () => {
  const ends = [stopLine, line({ type: "error", message: "x" }), "x\n".repeat(17)];
  for (const end of ends) {
    let isLeft = false;
    const endless = async function* () {
      try {
        yield* pieces(end);
        for (;;) yield* pieces("\n");
      } finally {
        isLeft = true;
      }
    };
    await readAll(answer(endless()));
    await setImmediate();
    expect(isLeft).toBe(true);
  }
});

test("a reader that leaves early leaves the body too", async () => {
  let isLeft = false;
  async function* body() {
    try {
      for (;;) yield* pieces(line({ content: "a" }));
    } finally {
      isLeft = true;
    }
  }
  for await (const batch of answer(body())) {
    expect(batch).toHaveLength(1);
    break;
  }
  await setImmediate();
  expect(isLeft).toBe(true);
});

test("the same answer framed as server-sent events gives the same events", async () => {
  const text = `data: ${line({ content: "a" })}\n: ping\n\ndata: ${stopLine}\n`;
  const decoder = new SseDecoder();
  const translator = createGenesysTranslator();
  const { items } = await readAll(
    readAnswer({ body: pieces(text), decoder, translator, limits: keepalives, onEnd: () => {} }),
  );
  expect(items).toEqual([[token("a", 0), stop]]);
});

test("the usual spelling of a token means what any other does", async () => {
  const anyIndex = fc.oneof(fc.nat(), fc.maxSafeNat(), fc.constantFrom(1e15, 1e21, -1, 0.5));
  await fc.assert(
    fc.asyncProperty(anyContent, anyIndex, async (content, index) => {
      const usual = await eventsOf(line({ type: "token", content, index }) + line({ content: "" }));
      const other = await eventsOf(line({ index, content, type: "token" }) + line({ content: "" }));
      expect(usual).toEqual(other);
    }),
  );
});

test.each([
  '{"type":"token","content":"a\tb","index":0}',
  '{"type":"token","content":"a","index":01}',
  '{"type":"token","content":"a","index":-}',
  '{"type":"token","content":"a"b","index":0}',
  '{"type":"token","content":"a\\","index":0}',
])("what only looks like a token is malformed: %j", async (text) => {
  const { events } = await eventsOf(`${text}\n${stopLine}`);
  expect(events).toEqual([malformed, stop]);
});
