import { expect, test } from "vitest";
import { bytesIn, charsIn } from "./request-size.ts";

test("a conversation's text: contents, texts of parts and calls", () => {
  expect(
    charsIn([
      { role: "system", content: "12345" },
      {
        role: "user",
        content: [
          { type: "text", text: "678" },
          { type: "image", url: "https://example.com/a.png" },
        ],
      },
      {
        role: "assistant",
        content: "",
        toolCalls: [{ callId: "c1", name: "find", arguments: "{}" }],
      },
    ]),
  ).toBe(14);
  expect(charsIn([])).toBe(0);
});

test("what a request holds: all texts and data of its messages, its calls, its options", () => {
  const sizeOf = (request: object) =>
    bytesIn({ configurationId: "c", messages: [], ...request } as Parameters<typeof bytesIn>[0]);
  expect(sizeOf({})).toBe(0);
  expect(sizeOf({ messages: [{ role: "user", content: "é€" }] })).toBe(5);
  const image = { type: "image", data: "AAAA", mediaType: "image/png" };
  const content = [{ type: "text", text: "abc" }, image];
  expect(sizeOf({ messages: [{ role: "user", content }] })).toBe(7);
  const large = "x".repeat(100_000);
  const toolCalls = [{ callId: "c", name: "f", arguments: large }];
  expect(sizeOf({ messages: [{ role: "assistant", content: "", toolCalls }] })).toBe(100_000);
  const options = { tools: [{ name: "f", parameters: { description: large } }] };
  expect(sizeOf({ options })).toBeGreaterThan(100_000);
});
