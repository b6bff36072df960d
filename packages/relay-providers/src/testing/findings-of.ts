import { assert, expect, onTestFinished } from "vitest";
import type { Finding, Provider } from "@gatestream/relay/parts";
import { readAll } from "../../../relay/src/gateway/testing/upstream-responses.ts";

/** All that a provider's check finds; the provider is closed when the test is over. */
export async function findingsOf(provider: Provider): Promise<readonly Finding[]> {
  onTestFinished(() => provider.close());
  const findings = provider.check?.(new AbortController().signal);
  assert(findings !== undefined);
  const { items, failure } = await readAll(findings);
  expect(failure).toBeUndefined();
  return items;
}
