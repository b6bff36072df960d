import { call, hours, reasoning, stop, token } from "../testing/events.ts";
import { testFixtures } from "../testing/fixtures.ts";
import { createAnthropicTranslator } from "./translator.ts";

const usage = { input_tokens: 25, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };

testFixtures("anthropic", createAnthropicTranslator, {
  text: [
    token("Grüße", 0),
    token(" 👋", 1),
    stop("stop", { ...usage, cache_read_input_tokens: 16, output_tokens: 15 }),
  ],
  thinking: [
    reasoning("An order"),
    reasoning(" number."),
    token("I look.", 0),
    ...call("toolu_1", "find_order", "", '{"id":', " 4711}"),
    ...call("toolu_2", "list_orders", "", "{}"),
    stop("tool_calls", {
      ...usage,
      output_tokens: 89,
      output_tokens_details: { thinking_tokens: 40 },
    }),
  ],
  "web-search": [
    { ...hours, sourceId: "1" },
    token("Until nine.", 0),
    token(" See page 4.", 1),
    { type: "source", sourceId: "2", title: "Handbook", documentId: "0" },
    stop("stop", { ...usage, output_tokens: 30, server_tool_use: { web_search_requests: 1 } }),
  ],
  "max-tokens": [token("Hel", 0), stop("length", { ...usage, output_tokens: 1 })],
  refusal: [token("Hel", 0), stop("content_filter", { ...usage, output_tokens: 3 })],
  error: [token("Hel", 0), { failure: "gateway_interrupted" }],
  truncated: [token("Hel", 0), { failure: "gateway_interrupted" }],
});
