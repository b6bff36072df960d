import { EventEmitter, once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { RelayError } from "../../src/errors.ts";
import { deferred } from "../../src/testing/deferred.ts";
import { ask, question, refusalIn, replyTo, responseTo } from "@gatestream/testing/ask";
import { parseStream } from "@gatestream/testing/parse-events";
import { startRelay } from "@gatestream/testing/relay-under-test";

test("a function of one's own says who calls, by whatever the request has", async () => {
  await using under = await startRelay({
    authenticate: ({ headers }) =>
      headers["x-api-key"] === "right" ? { subject: "ada" } : undefined,
  });
  const wrong = await replyTo(ask(under.streamUrl, question("Hello")));
  expect([wrong.status, refusalIn(wrong).code]).toEqual([401, "unauthorized"]);
  expect(under.emulator.calls).toEqual([]);
  const headers = { "X-Api-Key": "right" };
  const right = await replyTo(ask(under.streamUrl, question("Hello"), { headers }));
  expect(right.status).toBe(200);
  expect(await under.untilObserved("stream_ended")).toMatchObject({ subject: "ada" });
});

test("an authenticate that fails refuses the request, and only the operator learns the reason", async () => {
  await using under = await startRelay({
    authenticate: () => Promise.reject(new Error("the directory is away")),
  });
  const reply = await replyTo(ask(under.streamUrl, question("Hello")));
  expect([reply.status, refusalIn(reply).code]).toEqual([500, "internal_error"]);
  expect(reply.text).not.toContain("directory");
  expect(await under.untilObserved("request_refused")).toMatchObject({
    error: { cause: { message: "the directory is away" } },
  });
});

test("one may refuse in words of its own", async () => {
  await using under = await startRelay({
    authenticate() {
      throw new RelayError("forbidden", "Not on Sundays.");
    },
  });
  const reply = await replyTo(ask(under.streamUrl, question("Hello")));
  expect(refusalIn(reply)).toMatchObject({ code: "forbidden", message: "Not on Sundays." });
});

test("with no authentication everybody is their address", async () => {
  await using under = await startRelay({ trustedProxies: ["loopback"] });
  const headers = { "X-Forwarded-For": "203.0.113.7" };
  await replyTo(ask(under.streamUrl, question("Hello"), { headers }));
  expect(await under.untilObserved("stream_ended")).toMatchObject({ subject: "203.0.113.7" });
});

test("a configuration that the relay or the caller may not use is refused before the gateway is asked", async () => {
  await using under = await startRelay({
    allowedConfigurations: ["cfg-1", "cfg-2"],
    authenticate: () => ({ subject: "ada", configurations: ["cfg-1", "cfg-3"] }),
  });
  for (const configurationId of ["cfg-2", "cfg-3"]) {
    const reply = await replyTo(ask(under.streamUrl, { ...question("Hello"), configurationId }));
    expect([reply.status, refusalIn(reply).code]).toEqual([403, "forbidden"]);
  }
  expect(under.emulator.calls).toEqual([]);
  expect((await replyTo(ask(under.streamUrl, question("Hello")))).status).toBe(200);
});

test("a stream ends when what its caller proved does, with what was received kept", async () => {
  await using under = await startRelay({
    authenticate: () => ({ subject: "ada", expiresAt: Date.now() + 2_000 }),
    emulator: { scenario: "stall" },
  });
  const response = await responseTo(ask(under.streamUrl, question("Hello")));
  const { events } = parseStream(await text(response));
  expect(events.filter(({ event }) => event.type === "token").length).toBeGreaterThan(0);
  expect(events.at(-1)?.event).toMatchObject({ type: "error", code: "unauthorized" });
  await under.emulator.waitFor(({ kind, state }) => kind === "chat" && state === "aborted");
});

test("unless it may go on", async () => {
  await using under = await startRelay({
    endOnTokenExpiry: false,
    authenticate: () => ({ subject: "ada", expiresAt: 1 }),
  });
  const { text: body } = await replyTo(ask(under.streamUrl, question("Hello")));
  expect(parseStream(body).events.at(-1)?.event).toMatchObject({ type: "stop" });
});

test("an expiry further away than a timer can hold does not end a stream at once", async () => {
  await using under = await startRelay({
    authenticate: () => ({ subject: "ada", expiresAt: Date.now() + 365 * 86_400_000 }),
  });
  const { text: body } = await replyTo(ask(under.streamUrl, question("Hello")));
  expect(parseStream(body).events.at(-1)?.event).toMatchObject({ type: "stop" });
});

test("one subject's streams do not hold up another's: those who wait are served in turns", async () => {
  const ended: string[] = [];
  const queue = new EventEmitter();
  const allAsked = deferred();
  await using under = await startRelay({
    maxConcurrentStreams: 1,
    authenticate: ({ headers }) => ({ subject: String(headers["x-user"]) }),
    observer(event) {
      if (event.type === "stream_ended") ended.push(event.subject);
      if (event.type === "phase_begun" && event.phase === "queue") queue.emit("joined");
    },
    emulator: {
      scenario: "slow-first-token",
      clock: { now: () => performance.now(), wait: () => allAsked.promise },
    },
  });
  const asks: Promise<unknown>[] = [];
  for (const user of ["ada", "ada", "ada", "bob"]) {
    const headers = { "X-User": user };
    const joined = once(queue, "joined");
    asks.push(replyTo(ask(under.streamUrl, question("Hello"), { headers })));
    await joined;
  }
  allAsked.resolve();
  await Promise.all(asks);
  expect(ended).toEqual(["ada", "ada", "bob", "ada"]);
});
