import { eventually } from "@gatestream/testing/eventually";
import { expect, test } from "vitest";
import { createClient } from "../../create-client.ts";
import { StreamError } from "../../stream-error.ts";
import { anyRequest, eventsOf } from "../../testing/client-of.ts";
import {
  createTestTransport,
  type TestAnswer,
  type TestTransportOptions,
} from "./test-transport.ts";

function clientOf(answer: TestAnswer, options?: TestTransportOptions) {
  const transport = createTestTransport(answer, options);
  const client = createClient({ transport, retry: { baseDelayMs: 0 } });
  return { transport, client };
}

test("a list is an answer, from start to stop", async () => {
  const { client, transport } = clientOf(["Hel", "lo"]);
  expect(await client.stream(anyRequest).result()).toMatchObject({ text: "Hello", reason: "stop" });
  expect(await client.stream(anyRequest).result()).toMatchObject({ text: "Hello", reason: "stop" });
  expect(transport.requests).toEqual([anyRequest, anyRequest]);
});

test("events are sent as they are, also notices and those of a gateway's own", async () => {
  const citation = { type: "citation", content: "1", index: 0, url: "https://example.com" };
  const stop = { type: "stop", reason: "length", usage: { totalTokens: 2 } };
  const { client } = clientOf([{ type: "queued", position: 1 }, citation, stop]);
  const answer = client.stream(anyRequest);
  const [start, ...events] = await eventsOf(answer);
  expect(start).toMatchObject({ type: "start", resumable: false });
  expect(events).toEqual([{ type: "queued", position: 1 }, citation, stop]);
  expect(answer.events).toEqual([citation]);
});

test("a generator gets the request, and returns when the answer is detached", async () => {
  let hasLeft = false;
  const { client } = clientOf(async function* ({ messages }) {
    try {
      yield `You said ${messages[0]?.content}.`;
      await new Promise(() => {});
    } finally {
      hasLeft = true;
    }
  });
  for await (const event of client.stream(anyRequest)) {
    if (event.type === "token") {
      expect(event.content).toBe("You said Hello.");
      break;
    }
  }
  expect(hasLeft).toBe(false);
  const { client: other, transport } = clientOf(function* () {
    try {
      yield* ["a", "b", "c"];
    } finally {
      hasLeft = true;
    }
  });
  const answer = other.stream(anyRequest, { onToken: () => answer.cancel() });
  expect(await answer.result()).toMatchObject({ text: "a", reason: "cancelled" });
  await eventually(() => expect(hasLeft).toBe(true));
  expect(transport.cancelled).toEqual([]);
});

test("what is thrown is a refusal or a lost connection", async () => {
  const refused = clientOf(() => {
    throw new StreamError("unauthorized", "Who are you?", { status: 401, retryable: false });
  });
  await expect(refused.client.stream(anyRequest).result()).rejects.toMatchObject({
    code: "unauthorized",
    status: 401,
  });
  const lost = clientOf(function* () {
    yield "Hel";
    throw new Error("The cable is out.");
  });
  await expect(lost.client.stream(anyRequest).result()).rejects.toMatchObject({
    code: "truncated",
    text: "Hel",
    cause: { message: "The cable is out." },
  });
});

test("a resumable answer resumes after its last event, and can be cancelled", async () => {
  const { client, transport } = clientOf(["one ", "two ", "three"], { resumable: true });
  const answer = client.stream(anyRequest, {
    onToken: (_, text) => text === "one " && answer.detach(),
  });
  expect((await answer.result()).reason).toBe("disconnected");
  expect(answer.resume()).toBe(true);
  expect((await answer.result()).text).toBe("one two three");
  expect(transport.requests).toHaveLength(1);
  const other = client.stream(anyRequest, { onToken: () => other.cancel() });
  await other.result();
  expect(transport.cancelled).toEqual([other.id]);
});
