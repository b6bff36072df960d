import { expect, test } from "vitest";
import type { OutputFormat } from "../../src/http/sse.ts";
import { sseFormat } from "../../src/http/sse.ts";
import { ask, question, replyTo } from "@gatestream/testing/ask";
import { startRelay } from "@gatestream/testing/relay-under-test";

/** A format of a user's own: a line for each event. */
const lines: OutputFormat = {
  mediaType: "application/x-ndjson",
  heartbeat: "\n",
  begin: (start) => `${JSON.stringify(start)}\n`,
  encode: (events, firstId) =>
    events.map((event, at) => `${JSON.stringify({ id: firstId + at, ...event })}\n`).join(""),
};

test.each([
  ["*/*", "text/event-stream"],
  ["", "text/event-stream"],
  ["text/html", "text/event-stream"],
  ["application/x-ndjson", "application/x-ndjson"],
  ["text/html, application/x-ndjson;q=0.5", "application/x-ndjson"],
])("a reader who accepts %j gets %s", async (accept, mediaType) => {
  await using under = await startRelay({ formats: [sseFormat, lines] });
  const headers = accept === "" ? {} : { Accept: accept };
  const reply = await replyTo(
    ask(under.streamUrl, question("/scenario many-tokens 1"), { headers }),
  );
  expect(reply.headers["content-type"]).toBe(mediaType);
  if (mediaType === lines.mediaType) {
    expect(reply.text).toMatch(/\n\{"id":2,"type":"stop","reason":"stop"\}\n$/);
  }
});

test("the only format is what everybody gets", async () => {
  await using under = await startRelay({ formats: [lines] });
  const headers = { Accept: "text/event-stream" };
  const reply = await replyTo(
    ask(under.streamUrl, question("/scenario many-tokens 1"), { headers }),
  );
  expect(reply.headers["content-type"]).toBe("application/x-ndjson");
});
