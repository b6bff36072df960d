import { expect, test } from "vitest";
import { sends } from "../testing/hand-made-relay.ts";
import { answer, streamFrom } from "../testing/recovering.ts";
import { numberedText, start, stop, token } from "../testing/sse-text.ts";

/** Of a relay that keeps its streams. */
const kept = { ...start, resumable: true };
const live = { type: "live" } as const;

test("events that were seen are dropped", async () => {
  const { stream } = streamFrom([
    sends(numberedText(1, kept, token("Hel"), token("lo")), "cut"),
    sends(numberedText(1, kept, token("Hel"), token("lo"), token("!"), live, stop)),
  ]);
  expect((await stream.result()).text).toBe("Hello!");
});

test("a hole is an error, and no text after it is taken", async () => {
  const { relay, stream } = streamFrom([
    sends(numberedText(1, kept, token("Hel")), "cut"),
    sends(numberedText(3, kept, token("!"), stop)),
  ]);
  await expect(stream.result()).rejects.toMatchObject({
    code: "protocol",
    message: expect.stringContaining("2"),
    text: "Hel",
    lastEventId: 1,
  });
  expect(relay.requests).toHaveLength(2);
});

test("a hole within one connection is an error too", async () => {
  const text = numberedText(1, start, token("Hel")) + numberedText(3, token("!"), stop);
  await expect(streamFrom([sends(text)]).stream.result()).rejects.toMatchObject({
    code: "protocol",
    text: "Hel",
  });
});

test("a gap is an event, and ends the stream as truncated: text is lost", async () => {
  const gap = { type: "gap", from: 2, to: 9 } as const;
  const { relay, stream } = streamFrom([
    sends(numberedText(1, kept, token("Hel")), "cut"),
    sends(numberedText(10, kept, gap, token("!"), stop)),
    answer,
  ]);
  const seen: object[] = [];
  await expect(
    (async () => {
      for await (const event of stream) seen.push(event);
    })(),
  ).rejects.toMatchObject({ code: "truncated", text: "Hel", lastEventId: 1 });
  expect(seen).toEqual([kept, token("Hel"), gap]);
  expect(relay.requests).toHaveLength(2);
  expect(stream.checkpoint).toBeUndefined();
});

test("what ends a stream is taken whatever its number: its writer has died", async () => {
  const lost = {
    type: "error",
    code: "producer_lost",
    message: "The relay that wrote it died.",
    retryable: true,
    requestId: "r-9",
  } as const;
  const { stream } = streamFrom([
    sends(numberedText(1, kept, token("Hel"), token("lo")), "cut"),
    sends(numberedText(2, kept, live, lost)),
  ]);
  await expect(stream.result()).rejects.toMatchObject({ code: "producer_lost", text: "Hello" });
});
