import { describe, expect, test } from "vitest";
import { createClient } from "../create-client.ts";
import { gatewayCall } from "../testing/gateway-call.ts";
import { createHandMadeRelay, fails, sends } from "../testing/hand-made-relay.ts";
import { nextTurn } from "../testing/next-turn.ts";
import { numberedText, start, stop, token } from "../testing/sse-text.ts";
import { createChat } from "./create-chat.ts";
import { begun, ended, handMadeChat, relayChat, transcript } from "./testing/relay-chat.ts";
import { typedQuestion } from "./testing/typed-question.ts";

const says = (text: string) => sends(numberedText(1, start, token(text), stop));
const hangs = sends(numberedText(1, start, token("Hel")), "hang");
const idsOf = (messages: readonly { readonly id: string }[]) => messages.map(({ id }) => id);

describe("a question", () => {
  test("is answered, and the conversation so far goes along with the next one", async () => {
    const first = typedQuestion();
    const chat = relayChat({
      initialMessages: [
        { role: "system", content: "Be brief." },
        { role: "assistant", content: "Hello!" },
      ],
    });
    expect(chat.send(first.text)).toBe(true);
    const { messages, status } = await ended(chat);
    const { sentText } = await gatewayCall({ question: first.question, state: "answered" });
    expect(status).toBe("done");
    expect(messages.at(-1)).toMatchObject({ role: "assistant", content: sentText, status: "done" });
    const second = typedQuestion();
    chat.send(second.text);
    await ended(chat);
    const { body } = await gatewayCall({ question: second.question, state: "answered" });
    expect(body).toMatchObject({
      configurationId: "cfg-1",
      input: {
        messages: [
          { role: "system", content: "Be brief." },
          { role: "assistant", content: "Hello!" },
          { role: "user", content: first.text },
          { role: "assistant", content: sentText },
          { role: "user", content: second.text },
        ],
      },
    });
  });

  test.each(["stop", "length", "content_filter"])(
    "is answered by a message that says why it has ended: %s",
    async (reason) => {
      const { chat } = handMadeChat([
        sends(numberedText(1, start, token("Hello"), { type: "stop", reason })),
      ]);
      chat.send("Hello");
      expect((await ended(chat)).messages.at(-1)).toMatchObject({ status: "done", reason });
    },
  );

  test("is shown at once, with a running answer", () => {
    const { chat } = handMadeChat([hangs]);
    chat.subscribe(() => {});
    expect(chat.getSnapshot()).toMatchObject({ messages: [], status: "idle", canResume: false });
    chat.send("Hello");
    const { messages, status, error } = chat.getSnapshot();
    expect({ status, error }).toEqual({ status: "connecting", error: undefined });
    const [id, createdAt] = [expect.any(String), expect.any(Number)];
    expect(messages).toEqual([
      { id, createdAt, role: "user", content: "Hello" },
      { id, createdAt, role: "assistant", content: "", parts: [], status: "streaming" },
    ]);
    chat.stop();
  });

  test("is not sent twice: while an answer is running, nothing else is sent", async () => {
    const { chat, relay } = handMadeChat([hangs]);
    expect(chat.send("Hello")).toBe(true);
    const { id = "" } = chat.getSnapshot().messages[0] ?? {};
    expect(chat.send("Hello")).toBe(false);
    await begun(chat);
    const attempts = [chat.send("Hello"), chat.retry(), chat.edit(id, "Hi"), chat.resume()];
    expect(attempts).toEqual([false, false, false, false]);
    expect(transcript(chat.getSnapshot())).toEqual(["user: Hello", "assistant: Hel"]);
    expect(relay.requests).toHaveLength(1);
    chat.stop();
  });

  test.each(["", " ", "\n\t"])("that is blank is none: %j", (text) => {
    const { chat, relay } = handMadeChat([]);
    expect(chat.send(text)).toBe(false);
    expect(chat.getSnapshot().messages).toEqual([]);
    expect(relay.requests).toEqual([]);
  });

  test("goes to the configuration and the client that are current when it is asked", async () => {
    let relay = createHandMadeRelay(says("one"));
    let configurationId = "cfg-1";
    const chat = createChat(
      () => createClient({ url: "/", fetch: relay.fetch }),
      () => ({ configurationId, onDisconnect: "abort" }),
    );
    chat.send("Hello");
    await ended(chat);
    expect(relay.requests[0]?.body).toMatchObject({ configurationId, onDisconnect: "abort" });
    configurationId = "cfg-2";
    relay = createHandMadeRelay(says("two"));
    chat.send("Hello");
    expect((await ended(chat)).messages.at(-1)?.content).toBe("two");
    expect(relay.requests[0]?.body).toMatchObject({ configurationId });
  });

  test("may be sent in the listener of the last answer's end", async () => {
    const { chat, relay } = handMadeChat([says("one"), says("two")], {
      onDone: ({ text }) => text === "one" && chat.send("And then?"),
    });
    chat.send("Hello");
    await relay.request(2);
    const { messages } = await ended(chat);
    expect(messages.map(({ content }) => content)).toEqual(["Hello", "one", "And then?", "two"]);
  });
});

describe("stop", () => {
  test("ends the answer at the gateway, and what had come is sent from then on", async () => {
    const { question, text } = typedQuestion("stall");
    const chat = relayChat({}, { resumable: true });
    chat.send(text);
    await begun(chat);
    chat.stop();
    const stopped = chat.getSnapshot();
    expect(stopped).toMatchObject({ status: "cancelled", error: undefined });
    const partial = stopped.messages.at(-1);
    expect(partial).toMatchObject({ role: "assistant", status: "cancelled" });
    await gatewayCall({ question, state: "aborted" });

    const next = typedQuestion();
    chat.send(next.text);
    await ended(chat);
    const { body } = await gatewayCall({ question: next.question, state: "answered" });
    expect(body).toMatchObject({
      input: {
        messages: [
          { role: "user", content: text },
          { role: "assistant", content: partial?.content },
          { role: "user", content: next.text },
        ],
      },
    });
  });

  test("before the first token leaves an empty answer, which is not sent", async () => {
    const { chat, relay } = handMadeChat([says("Yes.")]);
    chat.send("Hello");
    chat.stop();
    expect(transcript(chat.getSnapshot())).toEqual(["user: Hello", "assistant: "]);
    chat.send("Are you there?");
    await ended(chat);
    expect(relay.requests).toHaveLength(1);
    expect(relay.requests[0]?.body).toMatchObject({
      messages: [
        { role: "user", content: "Hello" },
        { role: "user", content: "Are you there?" },
      ],
    });
  });
});

describe("a failure", () => {
  test("keeps what had come and says why there is no more, until the next answer", async () => {
    const { text } = typedQuestion("cut");
    const chat = relayChat();
    chat.send(text);
    const { messages, status, error } = await ended(chat);
    expect({ status, code: error?.code }).toEqual({ status: "error", code: "gateway_interrupted" });
    const partial = messages.at(-1);
    expect(partial).toMatchObject({ status: "error", error, content: error?.text });
    expect(partial?.content).not.toBe("");
    chat.send(typedQuestion().text);
    expect(chat.getSnapshot()).toMatchObject({ status: "connecting", error: undefined });
    expect(chat.getSnapshot().messages[1]).toBe(partial);
    await ended(chat);
  });

  test("before anything has come is an empty answer with its error", async () => {
    const { chat } = handMadeChat([fails()]);
    chat.send("Hello");
    const { messages } = await ended(chat);
    expect(messages[1]).toMatchObject({
      content: "",
      status: "error",
      error: { code: "network" },
    });
  });
});

test("the initial messages have the same ids wherever they are made, or their own", () => {
  const options = {
    initialMessages: [
      { role: "system", content: "Be brief." },
      { id: "db-7", role: "assistant", content: "Hello!" },
    ],
  };
  const [one, other] = [handMadeChat([], options), handMadeChat([], options)];
  expect(one.chat.getSnapshot()).toEqual(other.chat.getSnapshot());
  expect(idsOf(one.chat.getSnapshot().messages)).toEqual([expect.any(String), "db-7"]);
});

test("the end is in the snapshot before listeners are called", async () => {
  const seen: string[] = [];
  const look = (): void => {
    const { status, messages } = chat.getSnapshot();
    seen.push(`${status}: ${messages[1]?.content}`);
  };
  const { chat } = handMadeChat([says("Hello")], {
    onEvent: ({ type }) => type === "stop" && look(),
    onDone: look,
  });
  chat.subscribe(() => {});
  chat.send("Hi");
  await ended(chat);
  await nextTurn();
  expect(seen).toEqual(["done: Hello", "done: Hello"]);
});

test("listeners are those that are current when they are called", async () => {
  const seen: string[] = [];
  let name = "first";
  const { fetch } = createHandMadeRelay(says("Hello"));
  const chat = createChat(createClient({ url: "/", fetch }), () => {
    const mine = name;
    const tell = (what: string) => () => void seen.push(`${mine} ${what}`);
    return {
      configurationId: "cfg-1",
      onToken: tell("token"),
      onEvent: ({ type }) => tell(`event ${type}`)(),
      onStatus: (status) => tell(`status ${status}`)(),
      onDone: tell("done"),
    };
  });
  chat.send("Hello");
  name = "second";
  await ended(chat);
  await nextTurn();
  expect(seen).toEqual([
    "second status connecting",
    "second event start",
    "second status streaming",
    "second token",
    "second event token",
    "second event stop",
    "second status done",
    "second done",
  ]);
});

test("a token asks for the options twice and saves nothing: no more is made for it", async () => {
  const count = 500;
  const tokens = Array.from({ length: count }, () => token("a"));
  const kept = { ...start, resumable: true };
  const { fetch } = createHandMadeRelay(sends(numberedText(1, kept, ...tokens, stop)));
  let askedCount = 0;
  let readCount = 0;
  const chat = createChat(createClient({ url: "/", fetch }), () => {
    askedCount += 1;
    return { configurationId: "cfg-1" };
  });
  const before = askedCount;
  chat.subscribe(() => {
    readCount += 1;
  });
  chat.send("Hello");
  await ended(chat);
  // For the question, the start and the end there are some more.
  expect(askedCount - before).toBeLessThan(2 * count + 30);
  expect(readCount).toBeLessThan(count / 10);
});
