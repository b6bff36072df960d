import { createClient } from "@gatestream/client";
import { persistInSession } from "@gatestream/client/chat";
import { ref } from "vue";
import { beforeEach, describe, expect, test } from "vitest";
import { createCountingClient } from "../../client/src/conversation/testing/counting-client.ts";
import { holdingFetch } from "../../client/src/conversation/testing/holding-fetch.ts";
import { typedQuestion } from "../../client/src/conversation/testing/typed-question.ts";
import { gatewayCall } from "../../client/src/testing/gateway-call.ts";
import { createHandMadeRelay, fails, sends } from "../../client/src/testing/hand-made-relay.ts";
import { numberedText, start, stop, token } from "../../client/src/testing/sse-text.ts";
import { mountComposable } from "./testing/mount-composable.ts";
import { useChat, type UseChat, type UseChatOptions } from "./use-chat.ts";

const says = (text: string) => sends(numberedText(1, start, token(text), stop));
const isDone = ({ status }: UseChat) => status.value === "done";
const hasBegun = ({ messages }: UseChat) =>
  messages.value.some(({ status, content }) => status && content);
const contents = ({ messages }: UseChat) => messages.value.map(({ content }) => content);

function mountChat(options: Partial<UseChatOptions> = {}, fetch = globalThis.fetch) {
  const { client, methods } = createCountingClient(fetch);
  const mounted = mountComposable(
    () => useChat(client, { configurationId: "cfg-1", ...options }),
    (chat) => contents(chat).join("|"),
  );
  return { methods, mounted };
}

beforeEach(() => {
  sessionStorage.clear();
});

test("an answer that broke off here can be resumed, and nothing is asked again", async () => {
  const kept = { ...start, resumable: true };
  const relay = createHandMadeRelay(
    sends(numberedText(1, kept, token("Hel")), "cut"),
    sends(numberedText(2, kept, token("lo"), stop)),
  );
  const client = createClient({ url: "/", fetch: relay.fetch, retry: false });
  const mounted = mountComposable(
    () => useChat(client, { configurationId: "cfg-1" }),
    ({ status }) => status.value,
  );
  mounted.value.send("Question");
  await mounted.until(({ canResume }) => canResume.value);
  expect(mounted.value.resume()).toBe(true);
  await mounted.until(isDone);
  expect(contents(mounted.value)).toEqual(["Question", "Hello"]);
  expect(mounted.value.canResume.value).toBe(false);
  expect(relay.requests.map(({ method }) => method)).toEqual(["POST", "GET"]);
});

test("what is typed is sent, and answered", async () => {
  const { question, text } = typedQuestion();
  const { mounted } = mountChat();
  const { input, submit } = mounted.value;
  input.value = text;
  submit();
  expect(input.value).toBe("");
  await mounted.until(isDone);
  const { sentText } = await gatewayCall({ question, state: "answered" });
  expect(mounted.shown).toBe(`${text}|${sentText}`);
});

test("what cannot be sent stays where it is typed", () => {
  const { mounted } = mountChat();
  const { input, submit } = mounted.value;
  input.value = "  ";
  submit();
  expect(input.value).toBe("  ");
  expect(contents(mounted.value)).toEqual([]);
});

test("an answer can be regenerated, and a question edited, with another configuration", async () => {
  const relay = createHandMadeRelay(fails(), says("one"), says("two"));
  const client = createClient({ url: "/", fetch: relay.fetch, retry: false });
  const configurationId = ref("cfg-1");
  const mounted = mountComposable(
    () => useChat(client, () => ({ configurationId: configurationId.value })),
    ({ status }) => status.value,
  );
  const { messages, error, send, retry, edit, reset } = mounted.value;
  send("First");
  await mounted.until(({ status }) => status.value === "error");
  expect(error.value?.code).toBe("network");
  configurationId.value = "cfg-2";
  retry();
  await mounted.until(isDone);
  expect(contents(mounted.value)).toEqual(["First", "one"]);
  edit(messages.value[0]?.id ?? "", "Second");
  await mounted.until(isDone);
  expect(contents(mounted.value)).toEqual(["Second", "two"]);
  expect(relay.requests.map(({ body }) => body)).toMatchObject([
    { configurationId: "cfg-1" },
    { configurationId: "cfg-2" },
    { configurationId: "cfg-2" },
  ]);
  reset();
  expect(messages.value).toEqual([]);
});

test("stop ends the answer at the gateway and keeps what had come", async () => {
  const { question, text } = typedQuestion("stall");
  const { mounted } = mountChat();
  mounted.value.send(text);
  await mounted.until(hasBegun);
  mounted.value.stop();
  expect(mounted.value.messages.value[1]).toMatchObject({
    status: "cancelled",
    content: expect.stringMatching(/./),
  });
  await gatewayCall({ question, state: "aborted" });
});

describe("a component that is gone", () => {
  test("ends its answer at the gateway", async () => {
    const { question, text } = typedQuestion("stall");
    const { mounted } = mountChat();
    mounted.value.send(text);
    await mounted.until(hasBegun);
    mounted.unmount();
    await gatewayCall({ question, state: "aborted" });
  });

  test("and restored resumes the answer, which was requested once", async () => {
    const { question, text } = typedQuestion();
    const persist = persistInSession("chat");
    const first = mountChat({ persist }, holdingFetch(1000));
    first.mounted.value.send(text);
    await first.mounted.until(hasBegun);
    first.mounted.unmount();
    const second = mountChat({ persist });
    expect(contents(second.mounted.value)[0]).toBe(text);
    await second.mounted.until(isDone);
    const { sentText } = await gatewayCall({ question, state: "answered" });
    expect(contents(second.mounted.value)).toEqual([text, sentText]);
    expect([first.methods, second.methods]).toEqual([["POST"], ["GET"]]);
  });

  test("cancels its answer with onUnmount: cancel, even if it is saved", async () => {
    const { question, text } = typedQuestion("stall");
    const { mounted } = mountChat({ persist: persistInSession("chat"), onUnmount: "cancel" });
    mounted.value.send(text);
    await mounted.until(hasBegun);
    mounted.unmount();
    await gatewayCall({ question, state: "aborted" });
  });
});

test("what was saved is there at the first paint", () => {
  const persist = persistInSession("first-paint");
  persist.save({ messages: [{ id: "m-1", role: "user", content: "I was here." }] });
  const { shown, updateCount } = mountComposable(
    () => useChat(createClient({ url: "/" }), { configurationId: "cfg-1", persist }),
    ({ messages }) => messages.value.map(({ content }) => content).join(),
  );
  expect([shown, updateCount]).toEqual(["I was here.", 0]);
});
