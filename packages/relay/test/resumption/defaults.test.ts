import { expect, test } from "vitest";
import { ask, question, refusalIn, replyTo } from "@gatestream/testing/ask";
import { parseStream } from "@gatestream/testing/parse-events";
import { startRelay } from "@gatestream/testing/relay-under-test";

const detached = { ...question("Hello"), onDisconnect: "detach" };

test("by default a detached stream is resumable for orphanGraceMs", async () => {
  await using under = await startRelay();
  const { text } = await replyTo(ask(under.streamUrl, detached));
  expect(parseStream(text).events[0]?.event).toMatchObject({
    type: "start",
    resumable: true,
    resumableForMs: 300_000,
  });
});

test("an attached stream is resumable for no time", async () => {
  await using under = await startRelay();
  const { text } = await replyTo(ask(under.streamUrl, question("Hello")));
  expect(parseStream(text).events[0]?.event).toMatchObject({
    resumable: false,
    resumableForMs: 0,
  });
});

test("without resumption a detached stream is taken as an attached one", async () => {
  await using under = await startRelay({ resume: "off" });
  const reply = await replyTo(ask(under.streamUrl, detached));
  expect(reply.status).toBe(200);
  const { events } = parseStream(reply.text);
  expect(events[0]?.event).toMatchObject({ resumable: false, resumableForMs: 0 });
  expect(events.at(-1)?.event).toEqual({ type: "stop", reason: "stop" });
});

test("without resumption respond-async is refused", async () => {
  await using under = await startRelay({ resume: "off" });
  const headers = { Prefer: "respond-async" };
  const reply = await replyTo(ask(under.streamUrl, question("Hello"), { headers }));
  expect([reply.status, refusalIn(reply).code]).toEqual([400, "invalid_request"]);
});
