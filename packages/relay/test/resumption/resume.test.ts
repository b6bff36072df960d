import { expect, test } from "vitest";
import { ask, question, refusalIn, replyTo, responseTo, textUntil } from "@gatestream/testing/ask";
import { parseStream, tokensIn } from "@gatestream/testing/parse-events";
import { startRelay } from "@gatestream/testing/relay-under-test";

const get = { method: "GET" };
const detached = { ...question("/scenario many-tokens 3"), onDisconnect: "detach" };

test("a stream that was read to its end can be read again, from any event", async () => {
  await using under = await startRelay({ resume: "memory" });
  const first = await replyTo(ask(under.streamUrl, detached));
  const whole = parseStream(first.text);
  expect(whole.events[0]?.event).toMatchObject({ type: "start", resumable: true });
  const id = first.headers["x-stream-id"];
  for (const after of [0, 1, 2, 3]) {
    const again = await replyTo(ask(`${under.streamUrl}/${id}?after=${after}`, undefined, get));
    expect(again.status).toBe(200);
    expect(parseStream(again.text).events.slice(1)).toEqual(whole.events.slice(1 + after));
  }
  const nothing = await replyTo(ask(`${under.streamUrl}/${id}?after=4`, undefined, get));
  expect([nothing.status, nothing.text]).toEqual([204, ""]);
  const ahead = await replyTo(ask(`${under.streamUrl}/${id}?after=5`, undefined, get));
  expect([ahead.status, refusalIn(ahead).code]).toEqual([409, "cursor_unknown"]);
  expect(under.emulator.calls.filter(({ kind }) => kind === "chat")).toHaveLength(1);
});

test("a reader that reconnects in the middle gets what it missed, then live events, then the rest", async () => {
  await using under = await startRelay({ resume: "memory", emulator: { scenario: "stall" } });
  const response = await responseTo(
    ask(under.streamUrl, { ...question("Hello"), onDisconnect: "detach" }),
  );
  const before = await textUntil(response, (soFar) => soFar.includes("id: 8\n"));
  response.destroy();
  const id = String(response.headers["x-stream-id"]);
  const headers = { "Last-Event-ID": "3" };
  const back = await responseTo(
    ask(`${under.streamUrl}/${id}?after=1`, undefined, { method: "GET", headers }),
  );
  const after = await textUntil(back, (soFar) => soFar.includes("event: live\n"));
  expect(parseStream(after).events.map(({ name, id: eventId }) => name ?? eventId)).toEqual([
    "start",
    "4",
    "5",
    "6",
    "7",
    "8",
    "live",
  ]);
  const reported = textUntil(back, (soFar) => soFar.includes('"stop"'));
  for (const _ of [1, 2]) {
    const cancelled = await replyTo(
      ask(`${under.streamUrl}/${id}`, undefined, { method: "DELETE" }),
    );
    expect(cancelled.status).toBe(204);
  }
  const usage = { inputTokens: 2, outputTokens: 8, isEstimate: true };
  expect(parseStream(await reported).events).toEqual([
    { name: undefined, id: "9", event: { type: "stop", reason: "cancelled", usage } },
  ]);
  expect(tokensIn(parseStream(before)).length).toBeGreaterThan(0);
  const call = under.emulator.calls.find(({ kind }) => kind === "chat");
  expect(call?.state).toBe("aborted");
});

test("Prefer: respond-async starts a stream that is read at the address it names", async () => {
  await using under = await startRelay({ resume: "memory" });
  const headers = { Prefer: "respond-async" };
  const started = await replyTo(
    ask(under.streamUrl, question("/scenario many-tokens 3"), { headers }),
  );
  const { streamId, url } = JSON.parse(started.text);
  expect([started.status, started.headers.location]).toEqual([202, url]);
  expect(url).toBe(`/api/llm/stream/${streamId}`);
  const read = await replyTo(ask(under.url + url, undefined, get));
  expect(parseStream(read.text).events.at(-1)).toMatchObject({ id: "4", event: { type: "stop" } });
});

test("the same Idempotency-Key of the same subject comes to the same stream, from its first event", async () => {
  await using under = await startRelay({ resume: "memory" });
  const headers = { "Idempotency-Key": "my-key-0123456789" };
  const replies = await Promise.all(
    [1, 2, 3].map(() => replyTo(ask(under.streamUrl, detached, { headers }))),
  );
  expect(new Set(replies.map((reply) => reply.headers["x-stream-id"])).size).toBe(1);
  for (const reply of replies) expect(parseStream(reply.text).events.at(-1)?.id).toBe("4");
  expect(under.emulator.calls.filter(({ kind }) => kind === "chat")).toHaveLength(1);
});

test("a stream without readers for the grace is abandoned", async () => {
  await using under = await startRelay({
    resume: "memory",
    orphanGraceMs: 50,
    emulator: { scenario: "stall" },
  });
  const response = await responseTo(
    ask(under.streamUrl, { ...question("Hello"), onDisconnect: "detach" }),
  );
  await textUntil(response, (soFar) => soFar.includes("id: 8\n"));
  expect(under.observed.some(({ type }) => type === "stream_ended")).toBe(false);
  response.destroy();
  expect(await under.untilObserved("stream_ended")).toMatchObject({
    ending: "abandoned",
    readerLeft: true,
  });
});

test.each(["unknown", "another caller's", "not resumable"])(
  "a stream that is %s is not found",
  async (what) => {
    await using under = await startRelay({
      resume: "memory",
      authenticate: ({ headers }) => ({ subject: String(headers["x-user"]) }),
    });
    const ada = { headers: { "X-User": "ada" } };
    const body = what === "not resumable" ? question("Hello") : detached;
    const started = await replyTo(ask(under.streamUrl, body, ada));
    const id = what === "unknown" ? "A".repeat(22) : started.headers["x-stream-id"];
    const user = what === "another caller's" ? "bob" : "ada";
    for (const method of ["GET", "DELETE"]) {
      const options = { method, headers: { "X-User": user } };
      const reply = await replyTo(ask(`${under.streamUrl}/${id}`, undefined, options));
      expect([reply.status, refusalIn(reply).code]).toEqual([404, "stream_not_found"]);
    }
  },
);
