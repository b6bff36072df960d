import { createRelay } from "@gatestream/relay";
import { OptionsError } from "@gatestream/relay/parts";
import { expect, onTestFinished, test } from "vitest";
import { ask, question, replyTo } from "@gatestream/testing/ask";
import { parseStream, tokensIn } from "@gatestream/testing/parse-events";
import { startEmulator } from "../../../relay/src/gateway/testing/start-emulator.ts";
import { openai } from "./openai.ts";

test("a relay asks the server that openai names", async () => {
  const { emulator, url } = await startEmulator();
  const provider = openai({ baseUrl: `${url}/v1`, apiKey: "demo-key", models: { "cfg-1": "m" } });
  const relay = createRelay({ provider, port: 0, shutdownGraceMs: 0 });
  onTestFinished(() => relay.close());
  const listening = await relay.listen();
  const reply = await replyTo(ask(`${listening.url}/api/llm/stream`, question("Hello")));
  expect(tokensIn(parseStream(reply.text))).not.toBe("");
  expect(emulator.calls).toMatchObject([{ body: { model: "m" } }]);
});

test("all problems are reported at once, without the key", () => {
  const options = {
    baseUrl: "http://example.com/v1",
    apiKey: "my-own-key",
    handshakeTries: 0,
    maxQueud: 1,
  };
  const problems = [
    "maxQueud is not an option: did you mean maxQueued?",
    expect.stringMatching(/^handshakeTries .+ \(0\) must /),
    expect.stringMatching(/^openai\.baseUrl .+ would send credentials unencrypted to example\.com/),
  ];
  expect(() => openai(options)).toThrow(OptionsError);
  try {
    openai(options);
  } catch (failure) {
    expect(failure).toMatchObject({ problems });
    expect(String(failure)).not.toContain("my-own-key");
  }
});
