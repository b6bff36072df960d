import { createGenesysProvider, type GenesysOptions } from "../genesys/provider.ts";
import type { UpstreamSettings } from "../http-provider.ts";
import { ampleSettings, underTest, type ProviderUnderTest } from "./provider-under-test.ts";

/** A provider that asks the gateway at `url`; closed when the test is over. */
export function genesysAt(
  url: string,
  change: Partial<UpstreamSettings & GenesysOptions> = {},
): ProviderUnderTest {
  const options = {
    clientId: "demo-client",
    clientSecret: "demo-secret",
    loginUrl: url,
    apiUrl: url,
    ...change,
  };
  return underTest(createGenesysProvider(options, { ...ampleSettings, ...change }));
}
