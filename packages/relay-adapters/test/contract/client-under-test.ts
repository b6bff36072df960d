import { startBreakingProxy, type BreakingProxy } from "@gatestream/testing/breaking-proxy";
import {
  startRelay,
  type RelayUnderTest,
  type RelayUnderTestOptions,
} from "@gatestream/testing/relay-under-test";
import type { RealClient } from "../describe-client.ts";

/** A client, a proxy that breaks responses, a relay and the emulated gateway; `await using` closes them. */
export interface ClientUnderTest extends AsyncDisposable {
  readonly under: RelayUnderTest;
  /** Between the client and the relay. */
  readonly proxy: BreakingProxy;
  ask(question: string, signal?: AbortSignal): Promise<Outcome>;
}

/** What the client made of an answer. */
export type Outcome = { readonly text: string } | { readonly failure: unknown };

export async function startClient(
  client: RealClient,
  options: RelayUnderTestOptions,
): Promise<ClientUnderTest> {
  const under = await startRelay({ adapters: [client.adapter], ...client.relay, ...options });
  const proxy = await startBreakingProxy(under.url);
  return {
    under,
    proxy,
    ask: (question, signal = new AbortController().signal) =>
      client.ask(`${proxy.url}/api/llm`, question, signal).then(
        (text) => ({ text }),
        (failure: unknown) => ({ failure }),
      ),
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await under[Symbol.asyncDispose]();
    },
  };
}
