import { createClient } from "@gatestream/client";
import { createEmulator } from "@gatestream/emulator";
import { createRelay } from "@gatestream/relay";
import { afterAll, beforeAll, expect, test } from "vitest";

const emulator = createEmulator({ tokensPerSecond: 0 });
let relay: ReturnType<typeof createRelay>;
let client: ReturnType<typeof createClient>;

beforeAll(async () => {
  const { url: gatewayUrl } = await emulator.listen();
  relay = createRelay({
    port: 0,
    genesys: {
      clientId: "demo-client",
      clientSecret: "demo-secret",
      loginUrl: gatewayUrl,
      apiUrl: gatewayUrl,
    },
  });
  const { url } = await relay.listen();
  client = createClient({ url: `${url}/api/llm` });
});

afterAll(async () => {
  await relay.close();
  await emulator.close();
});

const request = {
  configurationId: "cfg-1",
  messages: [{ role: "user", content: "What do you cost?" }],
};

test("a whole answer, through a real relay, of an emulated gateway", async () => {
  const { text } = await client.stream(request).result();
  const call = await emulator.waitFor(({ kind }) => kind === "chat");
  expect(text).toBe(call.sentText);
});

test("an answer that the gateway cuts in the middle", async () => {
  emulator.setScenario("cut");
  await expect(client.stream(request).result()).rejects.toMatchObject({
    code: "gateway_interrupted",
  });
});
