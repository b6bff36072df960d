import { expect, test } from "vitest";
import { createClient } from "../../create-client.ts";
import { anyRequest, eventsOf, handMadeStream, streamOf } from "../../testing/client-of.ts";
import { createHandMadeAnswer } from "../../testing/hand-made-answer.ts";
import { relayThatPlays } from "../../testing/script.ts";
import { sseText, start, stop, token } from "../../testing/sse-text.ts";

const content = " Grüße 👋🏽\n日本 \u0000\u2028 naïve";
const sent = [start, token(content), { type: "citation", content: "🇨🇭", index: 1 }, stop];

test("an answer split at every byte is the same answer", async () => {
  const framed = ["retry: 2000\r\n\r\n", ": a comment\r\n", sseText(...sent)].join("");
  const variants = [framed, framed.replaceAll(/(?<!\r)\n/g, "\r\n"), `\uFEFF${framed}`];
  for (const text of variants) {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at <= bytes.length; at += 1) {
      const { answer, stream } = handMadeStream();
      answer.write(bytes.slice(0, at));
      answer.write(bytes.slice(at));
      expect(await eventsOf(stream)).toEqual(sent);
      expect(stream.text).toBe(content);
    }
  }
});

test("an answer written one byte at a time is the same answer", async () => {
  const stream = streamOf({ body: sseText(...sent), isByteByByte: true });
  expect(await eventsOf(stream)).toEqual(sent);
});

test("lines that end with a bare CR end an event as well", async () => {
  const bytes = new TextEncoder().encode(sseText(...sent).replaceAll("\n", "\r"));
  const { answer, stream } = handMadeStream();
  // Not closed: an event must not wait for the byte after its last CR.
  for (const byte of bytes) answer.write(Uint8Array.of(byte));
  expect(await eventsOf(stream)).toEqual(sent);
});

test("named events, ids and comments do not disturb", async () => {
  const body = [
    'event: start\ndata: {"type":"start","streamId":"s"}\n\n',
    ": heartbeat\n\n",
    'id: 1\ndata: {"type":"token","content":"Hello","index":0}\n\n',
    "id: 1\n\n",
    'id: 2\ndata: {"type":"stop",\ndata: "reason":"stop"}\n\n',
  ].join("");
  expect(await streamOf({ body }).result()).toMatchObject({ text: "Hello", reason: "stop" });
});

test("unknown types and unknown fields are no error", async () => {
  const unknown = [
    { type: "thinking", content: "Hm.", index: 0, depth: 3 },
    { type: "toString" },
    { ...token("Hello"), logprob: -0.25, nested: { deep: [1, 2] } },
    { ...stop, cost: 1 },
  ];
  const stream = streamOf({ body: sseText({ ...start, region: "eu" }, ...unknown) });
  expect(await eventsOf(stream)).toEqual([{ ...start, region: "eu" }, ...unknown]);
  expect((await stream.result()).text).toBe("Hello");
});

test.each([
  ["that is not JSON", "<p>Hello</p>"],
  ["that is cut JSON", '{"type":"token","conte'],
  ["without a type", '{"content":"Hello"}'],
  ["whose type is not a text", '{"type":7}'],
  ["that is null", "null"],
  ["that is a list", '["type"]'],
  ["that is a text", '"type"'],
])("an event %s is a protocol error that keeps the text", async (_, data) => {
  const body = `${sseText(start, token("Hel"))}data: ${data}\n\n${sseText(token("lo"), stop)}`;
  const stream = streamOf({ body });
  await expect(stream.result()).rejects.toMatchObject({
    code: "protocol",
    retryable: false,
    text: "Hel",
  });
  expect(stream.text).toBe("Hel");
});

test("an answer of ten megabytes comes whole", async () => {
  const piece = "0123456789abcdeß".repeat(4096);
  const { answer, stream } = handMadeStream();
  answer.send(start);
  for (let index = 0; index < 160; index += 1) answer.send(token(piece, index));
  answer.send(stop);
  const { text } = await stream.result();
  expect(text.length).toBe(10 * 1024 * 1024);
  expect(text === piece.repeat(160)).toBe(true);
});

test("a single event of ten megabytes in small chunks comes whole", async () => {
  const long = "long ".repeat(2 * 1024 * 1024);
  const bytes = new TextEncoder().encode(sseText(start, token(long), stop));
  const { answer, stream } = handMadeStream();
  for (let at = 0; at < bytes.length; at += 16_384) answer.write(bytes.slice(at, at + 16_384));
  expect((await stream.result()).text === long).toBe(true);
});

test("an event of more than maxEventBytes is a protocol error, in one chunk or in many", async () => {
  const maxEventBytes = 1000;
  const text = sseText(start, token("Hel"), token("x".repeat(1000)), stop);
  for (const isByteByByte of [false, true]) {
    const url = relayThatPlays({ body: text, isByteByByte });
    const client = createClient({ url, maxEventBytes, retry: false });
    await expect(client.stream(anyRequest).result()).rejects.toMatchObject({
      code: "protocol",
      retryable: false,
      text: "Hel",
    });
  }
});

test("an event that never ends is a protocol error when it has become too large", async () => {
  const answer = createHandMadeAnswer();
  const client = createClient({ url: "/", fetch: answer.fetch, maxEventBytes: 1000, retry: false });
  const stream = client.stream(anyRequest);
  answer.send(start, token("Hel"));
  // Three bytes each: it is bytes that count, not characters.
  for (const piece of ["data: ", "日".repeat(200), "日".repeat(200)]) {
    answer.write(new TextEncoder().encode(piece));
  }
  await expect(stream.result()).rejects.toMatchObject({ code: "protocol", text: "Hel" });
  await answer.givenUp;
});

test.each([true, false])(
  "maxEventBytes bounds an event, not all of them; byte by byte: %j",
  async (isByteByByte) => {
    const many = Array.from({ length: 100 }, (_, index) => token("word ", index));
    const url = relayThatPlays({ body: sseText(start, ...many, stop), isByteByByte });
    const client = createClient({ url, maxEventBytes: 1000, retry: false });
    expect((await client.stream(anyRequest).result()).text).toBe("word ".repeat(100));
  },
);
