import { createClient } from "@gatestream/client";
import { expect, test } from "vitest";
import { manualFrames } from "../../client/src/conversation/testing/manual-frames.ts";
import { createHandMadeAnswer } from "../../client/src/testing/hand-made-answer.ts";
import { start, stop, token } from "../../client/src/testing/sse-text.ts";
import { renderHook } from "./testing/render-hook.ts";
import { useChat } from "./use-chat.ts";
import { useTokenStream } from "./use-token-stream.ts";

const tokensPerSecond = 2000;
const framesPerSecond = 60;

const { pass, frame: nextFrame } = manualFrames();

const request = { configurationId: "cfg-1", messages: [{ role: "user", content: "Hello" }] };

test.each([
  [
    "useTokenStream",
    (client: ReturnType<typeof createClient>) => {
      const { start: startStream, text, status } = useTokenStream(client);
      return { ask: () => startStream(request), text, status };
    },
  ],
  [
    "useChat",
    (client: ReturnType<typeof createClient>) => {
      const { send, messages, status } = useChat(client, { configurationId: "cfg-1" });
      return { ask: () => send("Hello"), text: messages[1]?.content ?? "", status };
    },
  ],
])("%s renders 2,000 tokens a second once a frame", async (_, useHook) => {
  const answer = createHandMadeAnswer();
  const client = createClient({ url: "/", fetch: answer.fetch, idleTimeoutMs: false });
  const hook = renderHook(() => useHook(client), { props: {} });
  hook.current.ask();
  answer.send(start);
  await pass();
  await nextFrame();
  const before = hook.renderCount;
  let sent = 0;
  for (let frame = 1; frame <= framesPerSecond; frame += 1) {
    for (; sent < (frame * tokensPerSecond) / framesPerSecond; sent += 1) {
      answer.send(token("a"));
      // Each token comes alone, as it does over a network.
      await pass();
    }
    expect(hook.renderCount).toBe(before + frame - 1);
    await nextFrame();
    expect(hook.renderCount).toBe(before + frame);
    expect(hook.current.text).toHaveLength(sent);
  }
  expect(sent).toBe(tokensPerSecond);
  answer.send(stop);
  await pass();
  expect(hook.current.status).toBe("done");
  expect(hook.renderCount).toBe(before + framesPerSecond + 1);
});
