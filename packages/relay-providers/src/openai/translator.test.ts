import { expect, test } from "vitest";
import { SseDecoder } from "../../../relay/src/gateway/decode/sse.ts";
import { everySplit } from "../../../relay/src/gateway/testing/splits.ts";
import {
  pieces,
  readAll,
  readAnswer,
} from "../../../relay/src/gateway/testing/upstream-responses.ts";
import { createOpenaiTranslator } from "./translator.ts";

function answer(body: AsyncIterable<readonly Uint8Array[]>) {
  return readAnswer({
    body,
    decoder: new SseDecoder(4096),
    translator: createOpenaiTranslator(),
    limits: { idleTimeoutMs: 20_000 },
    onEnd: () => {},
  });
}

/** The events of a whole body, without regard to what arrived together. */
async function eventsOf(text: string) {
  const { items, failure } = await readAll(answer(pieces(text)));
  return { events: items.flat(), failure };
}

const stop = { type: "stop", reason: "stop" };
const endedEarly = expect.objectContaining({
  code: "gateway_interrupted",
  message: "The gateway's answer ended without a finish_reason and without [DONE].",
});
const malformed = { type: "warning", code: "malformed_line" };
const done = "data: [DONE]\n\n";

function token(content: string, index: number) {
  return { type: "token", content, index };
}

function event(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

function chunk(delta: object, finishReason: string | null = null, index = 0): string {
  return event({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    choices: [{ index, delta, finish_reason: finishReason }],
  });
}

const say = (content: string): string => chunk({ content });
const role = chunk({ role: "assistant", content: "" });
const finish = (reason: string): string => chunk({}, reason);

test("an answer is the text of its chunks, then its reason and its usage", async () => {
  const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
  const { events, failure } = await eventsOf(
    role + say("Hel") + say("lo") + finish("stop") + event({ choices: [], usage }) + done,
  );
  expect(failure).toBeUndefined();
  expect(events).toEqual([token("Hel", 0), token("lo", 1), { ...stop, usage }]);
});

test("wherever the bytes are cut, the events are the same", async () => {
  const text = `\uFEFF${role}: ping\r\n\r\n${say('é€👍\n"')}data: no json\r\r${finish("length")}${done}`;
  const events = [token('é€👍\n"', 0), malformed, { type: "stop", reason: "length" }];
  for (const chunks of everySplit(Buffer.from(text))) {
    const { items, failure } = await readAll(
      answer(
        (async function* () {
          for (const bytes of chunks) yield [bytes];
        })(),
      ),
    );
    expect(failure).toBeUndefined();
    expect(items.flat()).toEqual(events);
  }
});

test("what arrived together is one batch", async () => {
  const { items } = await readAll(
    answer(pieces([say("a"), say("b")], role, [say("c"), finish("stop")], done)),
  );
  expect(items).toEqual([[token("a", 0), token("b", 1)], [token("c", 2)], [stop]]);
});

test("a delta that only names the role, or is empty, or absent, is no token", async () => {
  const { events } = await eventsOf(
    role +
      chunk({}) +
      chunk({ content: null }) +
      chunk({ content: "" }) +
      event({ choices: [{ index: 0 }] }) +
      event({ choices: [{ index: 0, delta: null }] }) +
      event({ choices: [] }) +
      say("a") +
      done,
  );
  expect(events).toEqual([token("a", 0), stop]);
});

test("spaces and newlines of a token are kept", async () => {
  const contents = ["\n\n", "  two", " ", "tab\t"];
  const { events } = await eventsOf(contents.map(say).join("") + done);
  expect(events.slice(0, -1)).toEqual(contents.map(token));
});

test("the last chunk may carry text next to its reason", async () => {
  const { events } = await eventsOf(chunk({ content: "all" }, "stop") + done);
  expect(events).toEqual([token("all", 0), stop]);
});

test("of several choices only the first is taken", async () => {
  const both = event({
    choices: [
      { index: 0, delta: { content: "a" } },
      { index: 1, delta: { content: "other" } },
    ],
  });
  const { events } = await eventsOf(
    both + chunk({ content: "other" }, null, 1) + say("b") + chunk({}, "length", 1) + done,
  );
  expect(events).toEqual([token("a", 0), token("b", 1), stop]);
});

test.each(["stop", "length", "content_filter", "tool_calls", "anything"])(
  "the upstream's own reason is reported: %s",
  async (reason) => {
    expect((await eventsOf(say("a") + finish(reason) + done)).events.at(-1)).toEqual({
      type: "stop",
      reason,
    });
  },
);

test("an empty reason is none: some servers send one with every chunk", async () => {
  const unfinished = chunk({ content: "a" }, "");
  expect((await eventsOf(unfinished + done)).events).toEqual([token("a", 0), stop]);
  expect(await eventsOf(unfinished)).toEqual({ events: [token("a", 0)], failure: endedEarly });
});

test("[DONE] without a reason is stop: the upstream said that it is complete", async () => {
  expect((await eventsOf(say("a") + done)).events).toEqual([token("a", 0), stop]);
});

test("what follows [DONE] is not read", async () => {
  const { events, failure } = await eventsOf(say("a") + done + say("late") + done);
  expect(events).toEqual([token("a", 0), stop]);
  expect(failure).toBeUndefined();
});

test("an EOF without [DONE] has the reason that was given; without one it is a failure", async () => {
  expect((await eventsOf(say("a") + finish("length"))).events).toEqual([
    token("a", 0),
    { type: "stop", reason: "length" },
  ]);
  expect(await eventsOf(say("a"))).toEqual({ events: [token("a", 0)], failure: endedEarly });
  expect(await eventsOf("")).toEqual({ events: [], failure: endedEarly });
});

test("of usage that is sent on every chunk the last counts, and null is none", async () => {
  const withUsage = (content: string, usage: unknown): string =>
    event({ choices: [{ index: 0, delta: { content } }], usage });
  const { events } = await eventsOf(
    withUsage("a", { total_tokens: 1 }) + withUsage("b", { total_tokens: 2 }) + done,
  );
  expect(events.at(-1)).toEqual({ ...stop, usage: { total_tokens: 2 } });
  expect((await eventsOf(withUsage("a", null) + done)).events.at(-1)).toEqual(stop);
});

test("an event that is not a JSON object is skipped with a warning", async () => {
  const { events } = await eventsOf(
    `data: <html>\n\n${event([1])}${event("x")}${event(null)}${say("a")}${done}`,
  );
  expect(events.filter(({ type }) => type === "warning")).toHaveLength(4);
  expect(events.slice(4)).toEqual([token("a", 0), stop]);
});

test("as many malformed events as are allowed pass; one more is a protocol error", async () => {
  const allowed = "data: x\n\n".repeat(16);
  expect((await eventsOf(say("a") + allowed + done)).failure).toBeUndefined();
  const { events, failure } = await eventsOf(`${say("a")}${allowed}data: y\n\n${done}`);
  expect(events).toEqual([token("a", 0), ...Array.from({ length: 16 }, () => malformed)]);
  expect(failure).toMatchObject({
    code: "gateway_protocol_error",
    message: expect.stringContaining("More than 16 lines"),
  });
});

test("comments and blank lines are nothing: servers send them to keep the connection", async () => {
  const { events } = await eventsOf(`: OPENROUTER PROCESSING\n\n\n\n${say("a")}:\n\n${done}`);
  expect(events).toEqual([token("a", 0), stop]);
});

test("an error in the middle comes behind the events before it, exactly once", async () => {
  const error = {
    error: { message: "Out of memory at 10.0.0.7", type: "server_error", code: "oom" },
  };
  const batches = answer(pieces(say("a") + event(error) + say("b") + done))[Symbol.asyncIterator]();
  await expect(batches.next()).resolves.toMatchObject({ value: [token("a", 0)] });
  await expect(batches.next()).rejects.toMatchObject({
    code: "gateway_interrupted",
    message: "The gateway reported an error in the middle of the answer (code oom).",
    cause: { code: "oom", message: "The gateway failed (code oom)." },
  });
  await expect(batches.next()).resolves.toEqual({ done: true, value: undefined });
});

test("an error that is a mere text is an error too", async () => {
  const { events, failure } = await eventsOf(say("a") + event({ error: "Too hot" }) + done);
  expect(events).toEqual([token("a", 0)]);
  expect(failure).toMatchObject({
    code: "gateway_interrupted",
    message: "The gateway reported an error in the middle of the answer.",
  });
});

test("an error that is null reports nothing", async () => {
  const { events } = await eventsOf(
    event({ error: null, choices: [{ delta: { content: "a" } }] }) + done,
  );
  expect(events).toEqual([token("a", 0), stop]);
});

test("the same chunks without a blank line after the last are whole", async () => {
  const { events } = await eventsOf(`${say("a")}data: [DONE]`);
  expect(events).toEqual([token("a", 0), stop]);
});

test("a server that cannot stream sends the whole message, which becomes one token", async () => {
  const choice = {
    index: 0,
    message: { role: "assistant", content: "Hi." },
    finish_reason: "stop",
  };
  const { events } = await eventsOf(event({ object: "chat.completion", choices: [choice] }));
  expect(events).toEqual([token("Hi.", 0), stop]);
});

test("an object that is neither a chunk nor an error is malformed, not a success", async () => {
  const text = event({ detail: "no such model" }) + event({ choices: null });
  expect(await eventsOf(text)).toEqual({ events: [malformed, malformed], failure: endedEarly });
});

test("the error object of older servers is an error", async () => {
  const { failure } = await eventsOf(say("a") + event({ object: "error", message: "No memory." }));
  expect(failure).toMatchObject({ code: "gateway_interrupted" });
});
