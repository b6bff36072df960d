import type { ResponseStreamEvent } from "openai/resources/responses/responses";
import { describe, expect, test } from "vitest";
import { eventually } from "@gatestream/testing/eventually";
import { whyNoRedis } from "@gatestream/testing/redis-server";
import {
  describeEachLog,
  startRelays,
  startTwoRelays,
  type RelaysUnderTestOptions,
} from "@gatestream/testing/two-relays";
import { clientOf, openaiOptions, readAll, startOpenai } from "./openai-under-test.ts";

const model = "cfg-1";
const scenarios = ["many-tokens 3", "reasoning", "tool-call", "sources", "file", "cut"];

const held = { ...openaiOptions, gateway: { hold: "pieces" } } satisfies RelaysUnderTestOptions;

function inBackground(input: string) {
  return { model, input, background: true, stream: true } as const;
}

/** The bytes of a response's events, without comments. */
async function bytesOf(url: string, init?: RequestInit): Promise<string> {
  const response = await fetch(url, init);
  expect(response.status).toBe(200);
  return (await response.text()).replaceAll(/^:.*\n/gm, "");
}

function post(body: object): RequestInit {
  const headers = { "Content-Type": "application/json" };
  return { method: "POST", headers, body: JSON.stringify(body) };
}

function eventIn(frame: string): ResponseStreamEvent {
  return JSON.parse(/^data: (.*)$/m.exec(frame)?.[1] ?? "");
}

/** Reads until an event is there, and leaves. */
async function readUntil(
  stream: AsyncIterable<ResponseStreamEvent>,
  isIt: (event: ResponseStreamEvent) => boolean,
): Promise<readonly ResponseStreamEvent[]> {
  const events = [];
  for await (const event of stream) {
    events.push(event);
    if (isIt(event)) break;
  }
  return events;
}

function responseIdIn([created]: readonly ResponseStreamEvent[]): string {
  return created?.type === "response.created" ? created.response.id : "";
}

describeEachLog("a response in the background", (kind) => {
  test("is one, however often its request is repeated with the same Idempotency-Key", async () => {
    await using relays = await startRelays(kind, openaiOptions);
    const { here, there, gateway } = relays;
    const headers = { "Idempotency-Key": "a-key-of-16-characters" };
    const ask = (under: typeof here) =>
      clientOf(under).responses.create({ model, input: "Hello", background: true }, { headers });
    const first = await ask(here);
    expect(await ask(there)).toMatchObject({ id: first.id });
    await readAll(await clientOf(there).responses.retrieve(first.id, { stream: true }));
    expect(gateway.chatCount).toBe(1);
    const other = { model, input: "Goodbye", background: true } as const;
    await expect(clientOf(here).responses.create(other, { headers })).rejects.toMatchObject({
      status: 422,
      code: "idempotency_key_reused",
    });
  });

  test("starting after any of its events gives exactly the rest, with the same bytes", async () => {
    await using relays = await startRelays(kind, openaiOptions);
    const { here, there, gateway } = relays;
    const client = clientOf(there);
    for (const scenario of scenarios) {
      const asked = post(inBackground(`/scenario ${scenario}`));
      const whole = await bytesOf(`${here.url}/api/llm/v1/responses`, asked);
      const [head = "", ...frames] = whole.split(/(?=event: )/);
      const events = frames.map(eventIn);
      expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, at) => at));
      const id = responseIdIn(events);
      const url = `${there.url}/api/llm/v1/responses/${id}?stream=true`;
      expect(await bytesOf(url)).toBe(whole);
      for (const at of events.keys()) {
        // In a long run of deltas one is like the other.
        const around = [events[at - 1], events[at], events[at + 1]].map((event) => event?.type);
        if (new Set(around).size === 1) continue;
        const rest = frames.slice(at + 1).join("");
        expect(await bytesOf(`${url}&starting_after=${at}`)).toBe(head + rest);
        const followed = await client.responses.retrieve(id, { stream: true, starting_after: at });
        // The client throws an error.
        const isGiven = ({ type }: ResponseStreamEvent) => type !== "error";
        expect((await readAll(followed)).events).toEqual(events.slice(at + 1).filter(isGiven));
      }
    }
    expect(gateway.chatCount).toBe(scenarios.length);
  });

  test("continues without its reader, who resumes in the middle on another relay", async () => {
    await using relays = await startRelays(kind, held);
    const { here, there, gateway } = relays;
    const [stream] = await Promise.all([
      clientOf(here).responses.create(inBackground("/scenario reasoning")),
      gateway.release(5),
    ]);
    const isToken = ({ type }: ResponseStreamEvent) => type === "response.output_text.delta";
    const first = await readUntil(stream, isToken);
    const id = responseIdIn(first);
    const { sequence_number: last = 0 } = first.at(-1) ?? {};
    const client = clientOf(there);
    const followed = await client.responses.retrieve(id, { stream: true, starting_after: last });
    const reading = readAll(followed);
    gateway.hold(undefined);
    await gateway.release(1_000);
    const all = [...first, ...(await reading).events];
    expect(all.map((event) => event.sequence_number)).toEqual(all.map((_, at) => at));
    const end = all.at(-1);
    const { output_text: text, ...response } = await client.responses.retrieve(id);
    expect(end).toMatchObject({ type: "response.completed", response });
    expect(text).not.toBe("");
    // The helper gives what comes after an event, and the whole response.
    const helper = client.responses.stream({ response_id: id, starting_after: last });
    expect(await helper.finalResponse()).toMatchObject({
      id,
      status: "completed",
      output_text: text,
    });
  });

  test("is asked for again and again: queued, in progress with what there is, completed", async () => {
    await using relays = await startRelays(kind, { ...held, maxConcurrentStreams: 1 });
    const { here, there, gateway } = relays;
    const [client, other] = [clientOf(here), clientOf(there)];
    const asked = { model, background: true, metadata: { case: "4711" } };
    const first = await client.responses.create({ ...asked, input: "Hello" });
    expect(first).toMatchObject({ status: "queued", output: [], background: true, model });
    await gateway.release(3);
    await eventually(async () =>
      expect(await other.responses.retrieve(first.id)).toMatchObject({
        id: first.id,
        created_at: first.created_at,
        metadata: { case: "4711" },
        status: "in_progress",
        output: [{ status: "in_progress", content: [{ text: expect.stringMatching(/./) }] }],
      }),
    );
    const second = await client.responses.create({ ...asked, input: "Hello" });
    await eventually(async () =>
      expect((await client.responses.retrieve(second.id)).status).toBe("queued"),
    );
    gateway.hold(undefined);
    await gateway.release(1_000);
    for (const { id } of [first, second]) {
      await eventually(async () =>
        expect((await other.responses.retrieve(id)).status).toBe("completed"),
      );
    }
  });

  test("is cancelled, on another relay too, and its reader knows that it is not whole", async () => {
    await using relays = await startRelays(kind, held);
    const { here, there, gateway } = relays;
    const response = await clientOf(here).responses.create({
      ...inBackground("Hello"),
      stream: false,
    });
    await gateway.release(2);
    const followed = await clientOf(here).responses.retrieve(response.id, { stream: true });
    const reading = readAll(followed);
    const client = clientOf(there);
    const cancelled = { id: response.id, status: "cancelled" };
    expect(await client.responses.cancel(response.id)).toMatchObject(cancelled);
    expect((await reading).events.at(-1)).toMatchObject({
      type: "response.incomplete",
      response: cancelled,
    });
    expect(await here.untilObserved("stream_ended")).toMatchObject({ ending: "cancelled" });
    // It stays as it is.
    expect(await client.responses.cancel(response.id)).toMatchObject(cancelled);
  });
});

describe.skipIf(whyNoRedis)(`two relays on Redis ${whyNoRedis ?? ""}`, () => {
  test("a relay that stops says so, and the rest of the response is on the other one", async () => {
    await using relays = await startTwoRelays(held);
    const { here, there, gateway } = relays;
    const [stream] = await Promise.all([
      clientOf(there).responses.create(inBackground("Hello")),
      gateway.release(2),
    ]);
    const first = await readUntil(stream, ({ type }) => type === "response.output_text.delta");
    const id = responseIdIn(first);
    const elsewhere = await clientOf(here).responses.retrieve(id, { stream: true });
    const reading = readAll(elsewhere);
    await eventually(async () =>
      expect(here.observed.map(({ type }) => type)).toContain("reader_resumed"),
    );
    const closing = here.relay.close();
    const { events, failure } = await reading;
    await closing;
    expect(failure).toMatchObject({ code: "relay_draining" });
    const { sequence_number: last = 0 } = events.at(-1) ?? {};
    const followed = await clientOf(there).responses.retrieve(id, {
      stream: true,
      starting_after: last,
    });
    const rest = readAll(followed);
    gateway.hold(undefined);
    await gateway.release(1_000);
    const all = [...events, ...(await rest).events];
    expect(all.map((event) => event.sequence_number)).toEqual(all.map((_, at) => at));
    expect(all.at(-1)?.type).toBe("response.completed");
  });

  test("a reader that is ahead of Redis receives the end alone, with a number that it takes", async () => {
    await using relays = await startTwoRelays(held);
    const { here, there, link, gateway } = relays;
    const [stream] = await Promise.all([
      clientOf(here).responses.create(inBackground("Hello")),
      gateway.release(2),
    ]);
    const iterator = stream[Symbol.asyncIterator]();
    const events: ResponseStreamEvent[] = [];
    async function readTo(number: number): Promise<void> {
      while ((events.at(-1)?.sequence_number ?? -1) < number) {
        const { value } = await iterator.next();
        events.push(value);
      }
    }
    await readTo(4);
    const id = responseIdIn(events);
    await eventually(async () =>
      expect((await clientOf(there).responses.retrieve(id)).output).toHaveLength(1),
    );
    link.cut();
    await gateway.release(20);
    await readTo(12);
    await iterator.return?.();
    await clientOf(there).responses.cancel(id);
    const followed = await clientOf(there).responses.retrieve(id, {
      stream: true,
      starting_after: 12,
    });
    expect((await readAll(followed)).events).toMatchObject([
      { type: "response.incomplete", sequence_number: 13, response: { status: "cancelled" } },
    ]);
  });
});

test("of a response whose beginning is no longer kept nothing is given as if it were whole", async () => {
  await using under = await startOpenai({
    maxLogBytes: 1024,
    emulator: { tokensPerSecond: 1_000 },
  });
  const asked = { model, input: "Hello", background: true };
  const { id } = await under.client.responses.create(asked);
  await under.untilObserved("stream_ended");
  await expect(under.client.responses.retrieve(id)).rejects.toMatchObject({
    status: 404,
    code: "stream_not_found",
  });
  const { events, failure } = await readAll(
    await under.client.responses.retrieve(id, { stream: true, starting_after: 100 }),
  );
  expect(events).toMatchObject([{ type: "response.failed", sequence_number: 101 }]);
  expect(failure).toMatchObject({ code: "stream_not_found" });
});
