import { createClient, type Client } from "@gatestream/client";
import { expect, test } from "vitest";
import { manualFrames } from "../../client/src/conversation/testing/manual-frames.ts";
import { createHandMadeAnswer } from "../../client/src/testing/hand-made-answer.ts";
import { start, stop, token } from "../../client/src/testing/sse-text.ts";
import { mountComposable } from "./testing/mount-composable.ts";
import { useChat } from "./use-chat.ts";
import { useTokenStream } from "./use-token-stream.ts";

const tokensPerSecond = 2000;
const framesPerSecond = 60;
const request = { configurationId: "cfg-1", messages: [{ role: "user", content: "Hello" }] };

const { pass, frame: nextFrame } = manualFrames();

function streamOf(client: Client) {
  const { start: startStream, text, status } = useTokenStream(client);
  return { ask: () => startStream(request), show: () => `${status.value}: ${text.value}` };
}

function chatOf(client: Client) {
  const { send, messages, status } = useChat(client, { configurationId: "cfg-1" });
  return {
    ask: () => send("Hello"),
    show: () => `${status.value}: ${messages.value[1]?.content ?? ""}`,
  };
}

test.each([
  ["useTokenStream", streamOf],
  ["useChat", chatOf],
])("%s updates 2,000 tokens a second once a frame", async (_, use) => {
  const answer = createHandMadeAnswer();
  const client = createClient({ url: "/", fetch: answer.fetch, idleTimeoutMs: false });
  const mounted = mountComposable(
    () => use(client),
    ({ show }) => show(),
  );
  mounted.value.ask();
  answer.send(start);
  await pass();
  await nextFrame();
  const before = mounted.updateCount;
  let sent = 0;
  for (let frame = 1; frame <= framesPerSecond; frame += 1) {
    for (; sent < (frame * tokensPerSecond) / framesPerSecond; sent += 1) {
      answer.send(token("a"));
      // Each token comes alone, as it does over a network.
      await pass();
    }
    expect(mounted.updateCount).toBe(before + frame - 1);
    await nextFrame();
    expect(mounted.updateCount).toBe(before + frame);
    expect(mounted.shown).toBe(`streaming: ${"a".repeat(sent)}`);
  }
  expect(sent).toBe(tokensPerSecond);
  answer.send(stop);
  await pass();
  expect(mounted.shown).toMatch(/^done: /);
  expect(mounted.updateCount).toBe(before + framesPerSecond + 1);
});
