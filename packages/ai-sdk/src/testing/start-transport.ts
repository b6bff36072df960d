import { createClient } from "@gatestream/client";
import type { EmulatorCall } from "@gatestream/emulator";
import {
  startRelay,
  type RelayUnderTest,
  type RelayUnderTestOptions,
} from "@gatestream/testing/relay-under-test";
import { createChatTransport, type GatestreamChatTransport } from "../index.ts";

/** Too long to be guessed. */
export const chatId = "a-chat-of-the-tests";

export interface TransportUnderTest extends RelayUnderTest {
  readonly transport: GatestreamChatTransport;
  /** The answers that the gateway was asked for. */
  asked(): readonly EmulatorCall[];
}

/** A relay and a transport to it; `await using` closes the relay. */
export async function startTransport(
  options: RelayUnderTestOptions = {},
): Promise<TransportUnderTest> {
  const under = await startRelay(options);
  const client = createClient({ url: `${under.url}/api/llm`, retry: { baseDelayMs: 1 } });
  return {
    ...under,
    transport: createChatTransport({ client, configurationId: "cfg-1" }),
    asked: () => under.emulator.calls.filter(({ kind }) => kind === "chat"),
  };
}
