import { expect, test } from "vitest";
import { readUsage } from "./usage.ts";

test.each<[string, object, object]>([
  [
    "OpenAI's chat completions",
    {
      prompt_tokens: 20,
      completion_tokens: 9,
      total_tokens: 29,
      prompt_tokens_details: { cached_tokens: 16, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 4 },
    },
    {
      inputTokens: 20,
      outputTokens: 9,
      totalTokens: 29,
      reasoningTokens: 4,
      cachedInputTokens: 16,
    },
  ],
  [
    "OpenAI's Responses",
    {
      input_tokens: 20,
      input_tokens_details: { cached_tokens: 16 },
      output_tokens: 9,
      output_tokens_details: { reasoning_tokens: 4 },
      total_tokens: 29,
    },
    {
      inputTokens: 20,
      outputTokens: 9,
      totalTokens: 29,
      reasoningTokens: 4,
      cachedInputTokens: 16,
    },
  ],
  [
    "Anthropic, whose caches are additions",
    {
      input_tokens: 4,
      cache_read_input_tokens: 16,
      cache_creation_input_tokens: 5,
      output_tokens: 9,
      output_tokens_details: { thinking_tokens: 4 },
      service_tier: "standard",
    },
    { inputTokens: 25, outputTokens: 9, reasoningTokens: 4, cachedInputTokens: 16 },
  ],
  [
    "LiteLLM, which repeats Anthropic's caches beside a total",
    {
      prompt_tokens: 25,
      completion_tokens: 9,
      total_tokens: 34,
      cache_read_input_tokens: 16,
      cache_creation_input_tokens: 5,
    },
    { inputTokens: 25, outputTokens: 9, totalTokens: 34, cachedInputTokens: 16 },
  ],
  [
    "Gemini, whose thoughts are additions",
    {
      promptTokenCount: 20,
      cachedContentTokenCount: 16,
      candidatesTokenCount: 5,
      thoughtsTokenCount: 4,
      totalTokenCount: 29,
    },
    {
      inputTokens: 20,
      outputTokens: 9,
      totalTokens: 29,
      reasoningTokens: 4,
      cachedInputTokens: 16,
    },
  ],
  [
    "DeepSeek",
    {
      prompt_tokens: 20,
      completion_tokens: 9,
      prompt_cache_hit_tokens: 16,
      prompt_cache_miss_tokens: 4,
    },
    { inputTokens: 20, outputTokens: 9, cachedInputTokens: 16 },
  ],
  [
    "camel case",
    { promptTokens: 20, completionTokens: 9, totalTokens: 29 },
    { inputTokens: 20, outputTokens: 9, totalTokens: 29 },
  ],
])("the usage of %s, with what was told as raw", (_, told, usage) => {
  expect(readUsage(told)).toEqual({ ...usage, raw: told });
});

test("usage in the protocol's own names stays as it is", () => {
  const own = { inputTokens: 3, outputTokens: 2, totalTokens: 5, isEstimate: true, raw: { a: 1 } };
  expect(readUsage(own)).toEqual(own);
  expect(readUsage({ inputTokens: 3, outputTokens: 2 })).toEqual({
    inputTokens: 3,
    outputTokens: 2,
  });
});

test.each([-1, "7", Number.NaN, 1.5, Infinity, null, {}, true, 2 ** 60])(
  "a value that is no count is left out: %j",
  (wrong) => {
    expect(readUsage({ inputTokens: wrong, outputTokens: 2, isEstimate: "yes" })).toEqual({
      outputTokens: 2,
    });
    const told = { input_tokens: 3, cache_read_input_tokens: wrong };
    expect(readUsage(told)).toEqual({ inputTokens: 3, raw: told });
  },
);

test.each([undefined, null, 7, "7", [], [7], {}, { inputTokens: "3" }, { raw: 7 }])(
  "%j is no usage",
  (told) => {
    expect(readUsage(told)).toBeUndefined();
  },
);

test("what was read once is read the same again", () => {
  const once = readUsage({ input_tokens: 4, cache_read_input_tokens: 16, output_tokens: 9 });
  expect(readUsage(once)).toEqual(once);
});
