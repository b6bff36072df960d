import { call, hours, reasoning, stop, token } from "../testing/events.ts";
import { testFixtures } from "../testing/fixtures.ts";
import { createOpenaiTranslator } from "./translator.ts";

testFixtures("openai", createOpenaiTranslator, {
  openai: [
    token("Grüße", 0),
    token(" 👋", 1),
    stop("stop", {
      prompt_tokens: 19,
      completion_tokens: 12,
      total_tokens: 31,
      prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
      completion_tokens_details: {
        reasoning_tokens: 4,
        audio_tokens: 0,
        accepted_prediction_tokens: 0,
        rejected_prediction_tokens: 0,
      },
    }),
  ],
  "openai-tools": [
    ...call("call_a", "find_order", "", '{"id":', "4711}"),
    ...call("call_b", "find_customer", "", "{}"),
    stop("tool_calls"),
  ],
  "openai-function-call": [
    ...call("call_1", "find_order", "", '{"id":', "4711}"),
    stop("tool_calls"),
  ],
  "openai-search": [
    token("Until nine.", 0),
    { ...hours, sourceId: "1", from: 6, to: 10 },
    stop("stop"),
  ],
  azure: [token("Hel", 0), token("lo", 1), stop("content_filter")],
  vllm: [
    reasoning("An order"),
    reasoning(" number."),
    token("I look.", 0),
    ...call("chatcmpl-tool-1", "find_order", "", '{"id": 4711}'),
    stop("tool_calls", {
      prompt_tokens: 61,
      total_tokens: 79,
      completion_tokens: 18,
      prompt_tokens_details: null,
    }),
  ],
  "vllm-error": [token("Hel", 0), { failure: "gateway_interrupted" }],
  ollama: [
    reasoning("An order number."),
    ...call("call_x1", "find_order", '{"id":4711}'),
    ...call("call_x2", "find_customer", "{}"),
    stop("tool_calls", { prompt_tokens: 61, completion_tokens: 18, total_tokens: 79 }),
  ],
  litellm: [
    reasoning("Hm."),
    token("Hello", 0),
    stop("stop", {
      completion_tokens: 9,
      prompt_tokens: 25,
      total_tokens: 34,
      completion_tokens_details: { reasoning_tokens: 2 },
      prompt_tokens_details: { cached_tokens: 16 },
      cache_creation_input_tokens: 5,
      cache_read_input_tokens: 16,
    }),
  ],
  openrouter: [
    reasoning("Hm."),
    token("Until nine.", 0),
    { ...hours, sourceId: "1", from: 0, to: 11 },
    { type: "file", mediaType: "image/png", data: "iVBORw0KGgo=" },
    stop("stop", {
      prompt_tokens: 20,
      completion_tokens: 9,
      total_tokens: 29,
      cost: 0.0002,
      is_byok: false,
      prompt_tokens_details: { cached_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 2 },
    }),
  ],
  "openrouter-error": [token("Hel", 0), { failure: "gateway_interrupted" }],
  groq: [
    reasoning("Hm."),
    token("Hello", 0),
    stop("stop", {
      queue_time: 0.04,
      prompt_tokens: 20,
      prompt_time: 0.01,
      completion_tokens: 9,
      completion_time: 0.02,
      total_tokens: 29,
      total_time: 0.03,
    }),
  ],
  mistral: [
    reasoning("Hm."),
    token("Until nine.", 0),
    ...call("D681PevKs", "find_order", '{"id": 4711}'),
    stop("tool_calls", { prompt_tokens: 61, total_tokens: 79, completion_tokens: 18 }),
  ],
  deepseek: [
    reasoning("Hm."),
    token("Hello", 0),
    stop("stop", {
      prompt_tokens: 20,
      completion_tokens: 9,
      total_tokens: 29,
      prompt_tokens_details: { cached_tokens: 16 },
      completion_tokens_details: { reasoning_tokens: 2 },
      prompt_cache_hit_tokens: 16,
      prompt_cache_miss_tokens: 4,
    }),
  ],
  perplexity: [
    token("Until nine", 0),
    { ...hours, sourceId: "1" },
    token("[1][2].", 1),
    { type: "source", sourceId: "2", url: "https://example.com/contact", title: "Contact" },
    stop("stop", {
      prompt_tokens: 20,
      completion_tokens: 9,
      total_tokens: 29,
      search_context_size: "low",
      cost: { total_cost: 0.005 },
    }),
  ],
  gemini: [
    ...call("function-call-1", "find_order", '{"id":4711}'),
    ...call("function-call-2", "find_customer", "{}"),
    stop("stop"),
  ],
});
