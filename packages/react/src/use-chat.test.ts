import { createClient } from "@gatestream/client";
import { persistInSession } from "@gatestream/client/chat";
import * as React from "react";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { createCountingClient } from "../../client/src/conversation/testing/counting-client.ts";
import { holdingFetch } from "../../client/src/conversation/testing/holding-fetch.ts";
import { typedQuestion } from "../../client/src/conversation/testing/typed-question.ts";
import { gatewayCall } from "../../client/src/testing/gateway-call.ts";
import { createHandMadeAnswer } from "../../client/src/testing/hand-made-answer.ts";
import {
  createHandMadeRelay,
  fails,
  sends,
  type Play,
} from "../../client/src/testing/hand-made-relay.ts";
import { nextTurn } from "../../client/src/testing/next-turn.ts";
import { numberedText, start, stop, token } from "../../client/src/testing/sse-text.ts";
import { renderHook } from "./testing/render-hook.ts";
import { useChat, type UseChat, type UseChatOptions } from "./use-chat.ts";

const says = (text: string) => sends(numberedText(1, start, token(text), stop));
const isDone = ({ status }: UseChat) => status === "done";
const hasBegun = ({ messages }: UseChat) =>
  messages.some(({ status, content }) => status && content);
const contents = ({ messages }: UseChat) => messages.map(({ content }) => content);

function renderChat(
  options: Partial<UseChatOptions> = {},
  { isStrict = false, fetch = globalThis.fetch } = {},
) {
  const { client, methods } = createCountingClient(fetch);
  const hook = renderHook(
    // New in each render.
    () => useChat(client, { configurationId: "cfg-1", ...options }),
    { props: {}, isStrict },
  );
  return { methods, hook };
}

function renderHandMade(...plays: readonly Play[]) {
  const relay = createHandMadeRelay(...plays);
  const client = createClient({ url: "/", fetch: relay.fetch, retry: false });
  const hook = renderHook(({ configurationId }) => useChat(client, { configurationId }), {
    props: { configurationId: "cfg-1" },
  });
  return { relay, hook };
}

beforeEach(() => {
  sessionStorage.clear();
});

test("an answer that broke off here can be resumed, and nothing is asked again", async () => {
  const kept = { ...start, resumable: true };
  const { relay, hook } = renderHandMade(
    sends(numberedText(1, kept, token("Hel")), "cut"),
    sends(numberedText(2, kept, token("lo"), stop)),
  );
  hook.current.send("Question");
  await hook.until(({ canResume }) => canResume);
  expect(hook.current.resume()).toBe(true);
  await hook.until(isDone);
  expect(contents(hook.current)).toEqual(["Question", "Hello"]);
  expect(hook.current.canResume).toBe(false);
  expect(relay.requests.map(({ method }) => method)).toEqual(["POST", "GET"]);
});

test("what is typed is sent, and answered", async () => {
  const { question, text } = typedQuestion();
  const { hook } = renderChat();
  hook.current.setInput(text);
  await hook.until(({ input }) => input === text);
  const preventDefault = vi.fn<() => void>();
  hook.current.submit({ preventDefault });
  expect(preventDefault).toHaveBeenCalledOnce();
  await hook.until(({ input }) => input === "");
  await hook.until(isDone);
  const { sentText } = await gatewayCall({ question, state: "answered" });
  expect(contents(hook.current)).toEqual([text, sentText]);
});

test("what cannot be sent stays where it is typed", async () => {
  const { hook, relay } = renderHandMade(sends(numberedText(1, start, token("Hel")), "hang"));
  hook.current.send("Hello");
  hook.current.setInput("And then?");
  await hook.until(({ input }) => input !== "");
  hook.current.submit();
  await hook.until(hasBegun);
  expect(hook.current.input).toBe("And then?");
  expect(relay.requests).toHaveLength(1);
});

test("an answer can be regenerated, and a question edited, with another configuration", async () => {
  const { hook, relay } = renderHandMade(fails(), says("one"), says("two"));
  hook.current.send("First");
  const failed = await hook.until(({ status }) => status === "error");
  expect(failed).toMatchObject({ error: { code: "network" } });
  hook.rerender({ configurationId: "cfg-2" });
  hook.current.retry();
  expect(contents(await hook.until(isDone))).toEqual(["First", "one"]);
  hook.current.edit(hook.current.messages[0]?.id ?? "", "Second");
  await hook.until((chat) => isDone(chat) && contents(chat).includes("two"));
  expect(contents(hook.current)).toEqual(["Second", "two"]);
  expect(relay.requests.map(({ body }) => body)).toMatchObject([
    { configurationId: "cfg-1" },
    { configurationId: "cfg-2" },
    { configurationId: "cfg-2" },
  ]);
  hook.current.reset();
  expect(await hook.until(({ messages }) => messages.length === 0)).toMatchObject({
    status: "idle",
  });
});

test("stop ends the answer at the gateway and keeps what had come", async () => {
  const { question, text } = typedQuestion("stall");
  const { hook } = renderChat();
  hook.current.send(text);
  await hook.until(hasBegun);
  hook.current.stop();
  const { messages } = await hook.until(({ status }) => status === "cancelled");
  expect(messages[1]).toMatchObject({ status: "cancelled", content: expect.stringMatching(/./) });
  await gatewayCall({ question, state: "aborted" });
});

test.each([false, true])(
  "the first render on the page shows what was saved (StrictMode: %s)",
  (isStrict) => {
    const persist = persistInSession("chat");
    persist.save({ messages: [{ id: "m-1", role: "user", content: "I was here." }] });
    const { hook } = renderChat({ persist }, { isStrict });
    expect(contents(hook.first)).toEqual(["I was here."]);
  },
);

// React 18 has none, and a name that is not exported must not be imported.
const { Activity } = React as Partial<Pick<typeof React, "Activity">>;

test.skipIf(Activity === undefined)("an answer continues while <Activity> hides it", async () => {
  const answer = createHandMadeAnswer();
  const client = createClient({ url: "/", fetch: answer.fetch });
  const hook = renderHook(() => useChat(client, { configurationId: "cfg-1" }), {
    props: { mode: "visible" as "visible" | "hidden" },
    wrap: (probe, { mode }) => Activity && React.createElement(Activity, { mode, children: probe }),
  });
  hook.current.send("Question");
  answer.send(start, token("Hel"));
  await hook.until(hasBegun);
  hook.rerender({ mode: "hidden" });
  await nextTurn();
  answer.send(token("lo"), stop);
  await nextTurn();
  hook.rerender({ mode: "visible" });
  await hook.until(isDone);
  expect(contents(hook.current)).toEqual(["Question", "Hello"]);
});

describe("a component that is gone", () => {
  test("ends its answer at the gateway", async () => {
    const { question, text } = typedQuestion("stall");
    const { hook } = renderChat();
    hook.current.send(text);
    await hook.until(hasBegun);
    hook.unmount();
    await gatewayCall({ question, state: "aborted" });
  });

  test.each([false, true])(
    "and comes back goes on with the answer, which was asked once (StrictMode: %s)",
    async (isStrict) => {
      const { question, text } = typedQuestion();
      const persist = persistInSession("chat");
      const first = renderChat({ persist }, { isStrict, fetch: holdingFetch(1000) });
      first.hook.current.send(text);
      await first.hook.until(hasBegun);
      first.hook.unmount();
      const { sentText } = await gatewayCall({ question, state: "answered" });
      const second = renderChat({ persist }, { isStrict });
      await second.hook.until(isDone);
      expect(contents(second.hook.current)).toEqual([text, sentText]);
      expect([first.methods, second.methods]).toEqual([["POST"], ["GET"]]);
    },
  );

  test("for StrictMode only does not end the answer that a reload resumes", async () => {
    const persist = persistInSession("chat");
    const first = renderChat({ persist }, { fetch: holdingFetch(1000) });
    first.hook.current.send(typedQuestion().text);
    await first.hook.until(hasBegun);
    first.hook.unmount();
    const second = renderChat({ persist, onUnmount: "cancel" }, { isStrict: true });
    await second.hook.until(isDone);
    expect(second.methods).toEqual(["GET"]);
  });

  test("cancels its answer with onUnmount: cancel, even if it is saved", async () => {
    const { question, text } = typedQuestion("stall");
    const { hook } = renderChat(
      { persist: persistInSession("chat"), onUnmount: "cancel" },
      { isStrict: true },
    );
    hook.current.send(text);
    await hook.until(hasBegun);
    hook.unmount();
    await gatewayCall({ question, state: "aborted" });
  });
});
