import { describe, expect, test } from "vitest";
import { gatewayCall } from "../testing/gateway-call.ts";
import { fails, refuses, sends } from "../testing/hand-made-relay.ts";
import { numberedText, start, stop, token } from "../testing/sse-text.ts";
import { createMemoryPersistence } from "./testing/memory-persistence.ts";
import { begun, ended, handMadeChat, relayChat, transcript } from "./testing/relay-chat.ts";
import { typedQuestion } from "./testing/typed-question.ts";

const kept = { ...start, resumable: true };
const failed = {
  code: "gateway_interrupted",
  message: "No.",
  retryable: true,
  requestId: "r-1",
} as const;
const says = (text: string) => sends(numberedText(1, start, token(text), stop));
const idsOf = (messages: readonly { readonly id: string }[]) => messages.map(({ id }) => id);

describe("retry", () => {
  test("asks the last question again in place of its answer", async () => {
    const { chat, relay } = handMadeChat([
      says("one"),
      refuses(503, "overloaded"),
      sends(numberedText(1, start, token("tw")), "cut"),
      says("two"),
    ]);
    chat.send("First");
    await ended(chat);
    chat.send("Second");
    for (const code of ["overloaded", "truncated"]) {
      expect((await ended(chat)).error?.code).toBe(code);
      expect(chat.retry()).toBe(true);
    }
    const { messages } = await ended(chat);
    expect(messages.map(({ content }) => content)).toEqual(["First", "one", "Second", "two"]);
    expect(new Set(idsOf(messages)).size).toBe(4);
    const [, ...bodies] = relay.requests.map(({ body }) => body);
    const again = {
      messages: [
        { role: "user", content: "First" },
        { role: "assistant", content: "one" },
        { role: "user", content: "Second" },
      ],
    };
    expect(bodies).toMatchObject([again, again, again]);
  });

  test("resumes an answer that the relay keeps, without asking the gateway", async () => {
    const { chat, relay } = handMadeChat([
      sends(numberedText(1, kept, token("Hel")), "cut"),
      fails(),
      sends(numberedText(2, kept, token("lo"), stop)),
    ]);
    chat.send("First");
    for (const _ of [1, 2]) {
      expect(await ended(chat)).toMatchObject({ status: "error", canResume: true });
      expect(chat.retry()).toBe(true);
      expect(chat.getSnapshot().canResume).toBe(false);
    }
    expect(transcript(await ended(chat))).toEqual(["user: First", "assistant: Hello"]);
    expect(relay.requests.map(({ method }) => method)).toEqual(["POST", "GET", "GET"]);
  });

  test("joins what the relay has started although its first answer was lost", async () => {
    const streamIds: (string | null)[] = [];
    const { text } = typedQuestion();
    const chat = relayChat(
      {},
      {
        resumable: true,
        async fetch(url, init) {
          const response = await fetch(url, init);
          streamIds.push(response.headers.get("X-Stream-Id"));
          if (streamIds.length === 1) throw new TypeError("The answer is lost on its way.");
          return response;
        },
      },
    );
    chat.send(text);
    expect((await ended(chat)).error?.code).toBe("network");
    chat.retry();
    expect((await ended(chat)).status).toBe("done");
    expect(streamIds[0]).toBeTruthy();
    expect(streamIds[1]).toBe(streamIds[0]);
  });

  test("asks with another key once the relay has answered, or another question is asked", async () => {
    const { chat, relay } = handMadeChat(
      [
        fails(),
        sends(numberedText(1, kept, { type: "error", ...failed }), "end"),
        fails(),
        fails(),
        says("One"),
      ],
      { onDisconnect: "detach" },
    );
    chat.send("First");
    for (let tries = 0; tries < 2; tries += 1) {
      await ended(chat);
      chat.retry();
    }
    const { messages } = await ended(chat);
    chat.edit(messages[0]?.id ?? "", "Other");
    await ended(chat);
    chat.retry();
    expect((await ended(chat)).status).toBe("done");
    const keys = relay.requests.map(({ headers }) => headers.get("Idempotency-Key"));
    expect(keys[1]).toBe(keys[0]);
    expect(keys[4]).toBe(keys[3]);
    expect(new Set(keys).size).toBe(3);
  });

  test("asks again where the relay does not keep the answer any more", async () => {
    const statuses: string[] = [];
    const { chat, relay } = handMadeChat([
      sends(numberedText(1, kept, token("Hel")), "cut"),
      refuses(404, "stream_not_found", { retryable: false }),
      says("Hello"),
    ]);
    chat.send("First");
    await ended(chat);
    chat.subscribe(() => statuses.push(chat.getSnapshot().status));
    chat.retry();
    expect(transcript(await ended(chat))).toEqual(["user: First", "assistant: Hello"]);
    expect(relay.requests.map(({ method }) => method)).toEqual(["POST", "GET", "POST"]);
    expect(statuses).not.toContain("error");
  });

  test("without a question asks nothing", () => {
    const { chat, relay } = handMadeChat([], {
      initialMessages: [{ role: "assistant", content: "Hello!" }],
    });
    expect(chat.retry()).toBe(false);
    expect(transcript(chat.getSnapshot())).toEqual(["assistant: Hello!"]);
    expect(relay.requests).toEqual([]);
  });
});

describe("edit", () => {
  test("sends an edited question as a branch beside the other one and all that followed it", async () => {
    const { chat, relay } = handMadeChat(["one", "two", "three"].map(says));
    for (const text of ["First", "Second"]) {
      chat.send(text);
      await ended(chat);
    }
    const [first] = chat.getSnapshot().messages;
    expect(chat.edit(first?.id ?? "", "Another first")).toBe(true);
    const { messages } = await ended(chat);
    expect(chat.branches(messages[0]?.id ?? "")).toEqual([first, messages[0]]);
    expect(transcript(chat.getSnapshot())).toEqual(["user: Another first", "assistant: three"]);
    expect(relay.requests[2]?.body).toMatchObject({
      messages: [{ role: "user", content: "Another first" }],
    });
  });

  test("of an answer, of nothing that is there, or to nothing asks nothing", async () => {
    const { chat, relay } = handMadeChat([says("one")]);
    chat.send("First");
    const { messages } = await ended(chat);
    const [question = "", answer = ""] = idsOf(messages);
    expect([chat.edit(answer, "x"), chat.edit("none", "x"), chat.edit(question, " ")]).toEqual([
      false,
      false,
      false,
    ]);
    expect(chat.getSnapshot().messages).toBe(messages);
    expect(relay.requests).toHaveLength(1);
  });
});

test("reset cancels the answer at the gateway and clears the conversation", async () => {
  const { question, text } = typedQuestion("stall");
  const chat = relayChat({ initialMessages: [{ role: "assistant", content: "Hello!" }] });
  const [greeting] = chat.getSnapshot().messages;
  chat.send(text);
  await begun(chat);
  chat.reset();
  expect(chat.getSnapshot()).toMatchObject({
    messages: [greeting],
    status: "idle",
    canResume: false,
  });
  await gatewayCall({ question, state: "aborted" });
});

describe("dispose", () => {
  test("cancels an answer that cannot be resumed", async () => {
    const { question, text } = typedQuestion("stall");
    const chat = relayChat({}, { resumable: true });
    chat.send(text);
    await begun(chat);
    chat.dispose();
    await gatewayCall({ question, state: "aborted" });
    expect(chat.resume()).toBe(false);
    expect(chat.getSnapshot().status).toBe("cancelled");
  });

  test("detaches an answer with onUnmount: detach, and resume continues it", async () => {
    const { question, text } = typedQuestion();
    let leave = (): void => chat.dispose({ onUnmount: "detach" });
    const chat = relayChat({ onToken: () => leave() }, { resumable: true });
    chat.send(text);
    const { messages: before } = await ended(chat);
    expect(before[1]?.status).toBe("cancelled");
    leave = () => {};
    expect(chat.resume()).toBe(true);
    expect(chat.getSnapshot().messages[1]).toEqual({
      ...before[1],
      status: "streaming",
      reason: undefined,
    });
    const { messages } = await ended(chat);
    const { sentText } = await gatewayCall({ question, state: "answered" });
    expect(idsOf(messages)).toEqual(idsOf(before));
    expect(messages[1]).toMatchObject({ content: sentText, status: "done" });
  });
});

describe("an answer that failed here, and that the relay may still be writing", () => {
  const cut = sends(numberedText(1, kept, token("Hel")), "cut");
  const noContent = () => new Response(null, { status: 204 });

  test.each(["stop", "reset"] as const)("is ended at the relay by %s", async (deed) => {
    const persist = createMemoryPersistence();
    const { chat, relay } = handMadeChat([cut, noContent], { persist });
    chat.send("First");
    await ended(chat);
    expect(persist.saved?.checkpoint?.streamId).toBe("s-1");
    chat[deed]();
    expect((await relay.request(2)).method).toBe("DELETE");
    expect(persist.saved?.checkpoint).toBeUndefined();
  });

  test("is ended at the relay by another question", async () => {
    const { chat, relay } = handMadeChat([cut, noContent, says("two")]);
    chat.send("First");
    await ended(chat);
    chat.send("Second");
    expect((await ended(chat)).messages.at(-1)?.content).toBe("two");
    expect(relay.requests.map(({ method }) => method)).toEqual(["POST", "DELETE", "POST"]);
  });
});
