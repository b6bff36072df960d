import type { UpstreamSettings } from "@gatestream/relay/parts";
import type { AnthropicOptions, OpenaiOptions, OpenaiResponsesOptions } from "../settings.ts";
import { createAnthropicProvider } from "../anthropic/provider.ts";
import { createOpenaiProvider } from "../openai/provider.ts";
import { createOpenaiResponsesProvider } from "../openai-responses/provider.ts";
import {
  ampleSettings,
  underTest,
  type ProviderUnderTest,
} from "../../../relay/src/gateway/testing/provider-under-test.ts";

const apiKey = "demo-key";

/** A provider that asks the server at `url`; closed when the test is over. */
export function openaiAt(
  url: string,
  change: Partial<UpstreamSettings & OpenaiOptions> = {},
): ProviderUnderTest {
  const options = { baseUrl: `${url}/v1`, apiKey, ...change };
  return underTest(createOpenaiProvider(options, { ...ampleSettings, ...change }));
}

/** The same for Responses. */
export function openaiResponsesAt(
  url: string,
  change: Partial<UpstreamSettings & OpenaiResponsesOptions> = {},
): ProviderUnderTest {
  const options = { baseUrl: `${url}/v1`, apiKey, ...change };
  return underTest(createOpenaiResponsesProvider(options, { ...ampleSettings, ...change }));
}

/** The same for Messages. */
export function anthropicAt(
  url: string,
  change: Partial<UpstreamSettings & AnthropicOptions> = {},
): ProviderUnderTest {
  const options = { baseUrl: url, apiKey, ...change };
  return underTest(createAnthropicProvider(options, { ...ampleSettings, ...change }));
}
