import { call, hours, reasoning, stop, token } from "../testing/events.ts";
import { testFixtures } from "../testing/fixtures.ts";
import { createResponsesTranslator } from "./translator.ts";

const usage = {
  input_tokens: 20,
  input_tokens_details: { cached_tokens: 16 },
  output_tokens: 9,
  output_tokens_details: { reasoning_tokens: 4 },
  total_tokens: 29,
};

testFixtures("openai-responses", createResponsesTranslator, {
  text: [token("Grüße", 0), token(" 👋", 1), stop("stop", usage)],
  tools: [
    reasoning("An order"),
    reasoning("\n\n"),
    reasoning("A number"),
    ...call("call_a", "find_order", "", '{"id":', "4711}"),
    ...call("call_b", "find_customer", "", "{}"),
    stop("tool_calls", usage),
  ],
  search: [
    token("Hi. ", 0),
    token("Until nine.", 1),
    { ...hours, sourceId: "1", from: 4, to: 15 },
    { type: "source", sourceId: "2", title: "handbook.pdf", documentId: "file_1" },
    stop("stop", usage),
  ],
  refusal: [token("I cannot.", 0), stop("stop", usage)],
  image: [{ type: "file", mediaType: "image/webp", data: "UklGRg==" }, stop("stop", usage)],
  incomplete: [token("Hel", 0), stop("length", usage)],
  failed: [token("Hel", 0), { failure: "gateway_interrupted" }],
  error: [token("Hel", 0), { failure: "gateway_interrupted" }],
  truncated: [token("Hel", 0), { failure: "gateway_interrupted" }],
});
