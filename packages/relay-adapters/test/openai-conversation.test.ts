import { Stream } from "openai/streaming";
import type { ChatCompletionChunk } from "openai/resources/chat/completions";
import { expect, test } from "vitest";
import { eventually } from "@gatestream/testing/eventually";
import { describeEachLog, startRelays } from "@gatestream/testing/two-relays";
import { clientOf, openaiOptions, readAll, startOpenai } from "./openai-under-test.ts";

const conversationId = "a-conversation-of-the-tests";
const headers = { "X-Conversation-Id": conversationId };

function asked(content: string) {
  const messages = [{ role: "user" as const, content }];
  return {
    model: "cfg-1",
    messages,
    stream: true,
    stream_options: { include_usage: true },
  } as const;
}

function addressOf({ url }: { readonly url: string }, id = conversationId): string {
  return `${url}/api/llm/v1/stream/${id}?include_usage=true`;
}

/** The chunks of a conversation's newest answer after one, as OpenAI's client reads them. */
async function follow(under: { readonly url: string }, from: number) {
  const response = await fetch(`${addressOf(under)}&from=${from}`);
  if (response.status !== 200) return { status: response.status, events: [], failure: undefined };
  const stream = Stream.fromSSEResponse<ChatCompletionChunk>(response, new AbortController());
  return { status: 200, ...(await readAll(stream)) };
}

describeEachLog("an answer with X-Conversation-Id", (kind) => {
  test.each(["tool-call", "usage"])(
    "is given from its start, and after any chunk exactly the rest: %s",
    async (scenario) => {
      await using relays = await startRelays(kind, openaiOptions);
      const { here, there, gateway } = relays;
      const init = { method: "POST", headers: { ...headers, "Content-Type": "application/json" } };
      const body = JSON.stringify(asked(`/scenario ${scenario}`));
      const first = await fetch(`${here.url}/api/llm/v1/chat/completions`, { ...init, body });
      const whole = await first.text();
      const [head = "", ...frames] = whole.split(/(?=data: )/);
      expect(await (await fetch(addressOf(there))).text()).toBe(whole);
      const ids = frames.flatMap((frame) => /^id: (\d+)$/m.exec(frame)?.[1] ?? []).map(Number);
      const lastId = Math.max(...ids);
      for (const id of ids.filter((each, at) => each > 0 && (at < 20 || at > ids.length - 3))) {
        const response = await fetch(`${addressOf(there)}&from=${id}`);
        const at = frames.findIndex((frame) => frame.includes(`\nid: ${id}\n`));
        if (id === lastId) expect(response.status).toBe(204);
        else expect(await response.text()).toBe(head + frames.slice(at + 1).join(""));
      }
      expect(gateway.chatCount).toBe(1);
    },
  );

  test("continues without its reader, who resumes on another relay", async () => {
    const gateway = { hold: "pieces" } as const;
    await using relays = await startRelays(kind, { ...openaiOptions, gateway });
    const { here, there } = relays;
    const [stream] = await Promise.all([
      clientOf(here).chat.completions.create(asked("Hello"), { headers }),
      relays.gateway.release(2),
    ]);
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    const following = follow(there, 1);
    relays.gateway.hold(undefined);
    await relays.gateway.release(1_000);
    const { events, failure } = await following;
    expect(failure).toBeUndefined();
    expect(events.at(-1)?.choices[0]?.finish_reason).toBe("stop");
    expect((await follow(there, 0)).events.slice(2)).toEqual(events);
    expect((await follow(there, 5_000)).status).toBe(409);
  });

  test("is ended by DELETE, and its reader knows that it is not whole", async () => {
    const gateway = { hold: "pieces" } as const;
    await using relays = await startRelays(kind, { ...openaiOptions, gateway });
    const { here, there } = relays;
    const [stream] = await Promise.all([
      clientOf(here).chat.completions.create(asked("Hello"), { headers }),
      relays.gateway.release(2),
    ]);
    const reading = readAll(stream);
    const remove = () => fetch(addressOf(there), { method: "DELETE" });
    await eventually(async () => expect((await remove()).status).toBe(204));
    expect((await reading).failure).toMatchObject({ code: "cancelled" });
    expect(await here.untilObserved("stream_ended")).toMatchObject({ ending: "cancelled" });
    expect((await remove()).status).toBe(204);
  });
});

test("one whose id others might guess ends with its reader", async () => {
  await using under = await startOpenai({ emulator: { scenario: "stall" } });
  const stream = await under.client.chat.completions.create(asked("Hello"), {
    headers: { "X-Conversation-Id": "short" },
  });
  for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
  expect(await under.untilObserved("stream_ended")).toMatchObject({ ending: "cancelled" });
  expect((await fetch(addressOf(under, "short"))).status).toBe(400);
});

test("of a conversation without an answer there is nothing to follow", async () => {
  await using under = await startOpenai();
  expect((await follow(under, 0)).status).toBe(404);
  const response = await fetch(`${addressOf(under)}&from=-1`);
  expect([response.status, await response.text()]).toEqual([400, expect.stringContaining("chunk")]);
});

test("of an answer whose beginning is no longer kept nothing is given as if it were whole", async () => {
  await using under = await startOpenai({
    maxLogBytes: 1024,
    emulator: { tokensPerSecond: 1_000 },
  });
  const stream = await under.client.chat.completions.create(asked("Hello"), { headers });
  expect((await readAll(stream)).failure).toBeUndefined();
  const { events, failure } = await follow(under, 0);
  expect(events).toHaveLength(1);
  expect(failure).toMatchObject({ code: "stream_not_found" });
});
