import type { UpstreamSettings } from "@gatestream/relay/parts";
import type { OpenaiOptions } from "../settings.ts";
import { createOpenaiProvider } from "../openai/provider.ts";
import {
  ampleSettings,
  underTest,
  type ProviderUnderTest,
} from "../../../relay/src/gateway/testing/provider-under-test.ts";

/** A provider that asks the server at `url`; closed when the test is over. */
export function openaiAt(
  url: string,
  change: Partial<UpstreamSettings & OpenaiOptions> = {},
): ProviderUnderTest {
  const options = { baseUrl: `${url}/v1`, apiKey: "demo-key", ...change };
  return underTest(createOpenaiProvider(options, { ...ampleSettings, ...change }));
}
