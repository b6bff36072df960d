import type { StreamEvent } from "@gatestream/protocol";
import { expect, test } from "vitest";
import { ResponseOutput } from "./output.ts";

const token = (content: string): StreamEvent => ({ type: "token", content, index: 0 });
const thought: StreamEvent = { type: "reasoning", content: "Hm." };

/** The items that events make, and the types of what they put out. */
function outputOf(...events: readonly StreamEvent[]) {
  const output = new ResponseOutput("s");
  const types = events.flatMap((event) => output.accept(event).map(({ type }) => type));
  return { items: output.items, types, output };
}

test("text before and after a thought are two messages, and a source is counted from its own", () => {
  const source: StreamEvent = { type: "source", sourceId: "1", url: "u", from: 3, to: 5 };
  const { items } = outputOf(token("ab"), thought, token("cdef"), source);
  expect(items).toMatchObject([
    { id: "msg_s_0", status: "completed", content: [{ text: "ab" }] },
    { id: "rs_s_1", status: "completed", content: [{ text: "Hm." }] },
    {
      id: "msg_s_2",
      status: "in_progress",
      content: [{ text: "cdef", annotations: [{ title: "1", start_index: 1, end_index: 3 }] }],
    },
  ]);
});

test("a document is cited as a file, and a source before all text opens the message", () => {
  const source: StreamEvent = { type: "source", sourceId: "1", documentId: "d", title: "Terms" };
  const { items, types } = outputOf(source, token("ab"));
  expect(items).toMatchObject([
    {
      content: [
        { text: "ab", annotations: [{ type: "file_citation", file_id: "d", filename: "Terms" }] },
      ],
    },
  ]);
  expect(types.filter((type) => type === "response.output_item.added")).toHaveLength(1);
});

test("calls may come interleaved; arguments that come whole after pieces are not repeated", () => {
  const call = (callId: string, rest: object) =>
    ({ type: "tool_call", callId, name: "f", ...rest }) as StreamEvent;
  const { items, types, output } = outputOf(
    token("ab"),
    call("a", { argumentsDelta: "[1" }),
    call("b", { argumentsDelta: "{}" }),
    call("a", { arguments: "[1,2]", isComplete: true }),
    call("a", { isComplete: true }),
    token("cd"),
  );
  expect(items).toMatchObject([
    { type: "message", status: "completed" },
    { call_id: "a", arguments: "[1,2]", status: "completed" },
    { call_id: "b", arguments: "{}", status: "in_progress" },
    { type: "message", content: [{ text: "cd" }], status: "in_progress" },
  ]);
  const done = "response.function_call_arguments.done";
  expect(types.filter((type) => type === done)).toHaveLength(1);
  expect(output.close("completed").map(({ type }) => type)).toEqual([
    "response.output_text.done",
    "response.content_part.done",
    "response.output_item.done",
    done,
    "response.output_item.done",
  ]);
});

test("what the API has no place for is left out", () => {
  const file: StreamEvent = { type: "file", mediaType: "image/png", url: "https://example.com/a" };
  const document: StreamEvent = { type: "file", mediaType: "text/csv", data: "AAAA" };
  expect(outputOf(file, document, { type: "weather", content: "", index: 0 })).toMatchObject({
    items: [],
    types: [],
  });
});
