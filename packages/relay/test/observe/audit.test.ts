import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { audit, jsonLines, type AuditOptions, type AuditSink } from "@gatestream/relay-audit";
import { ask, question, refusalIn, replyTo, responseTo, textUntil } from "@gatestream/testing/ask";
import { startRelay } from "@gatestream/testing/relay-under-test";

async function newPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "gatestream-audit-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, "audit.jsonl");
}

async function recordsIn(path: string): Promise<readonly Record<string, unknown>[]> {
  const text = await readFile(path, "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

const asked = {
  ...question("A secret question"),
  conversationId: "case:4711",
  metadata: { queue: "billing" },
};

test("each stream has a record of its beginning and of its end, without a word of content", async () => {
  const path = await newPath();
  await using under = await startRelay({
    authenticate: () => ({ subject: "ada" }),
    audit: audit(jsonLines(path)),
  });
  const { headers, text } = await replyTo(ask(under.streamUrl, asked));
  await under.relay.close();
  const ids = {
    streamId: headers["x-stream-id"],
    requestId: headers["x-request-id"],
    subject: "ada",
    configurationId: "cfg-1",
    conversationId: "case:4711",
  };
  const records = await recordsIn(path);
  expect(records).toEqual([
    expect.objectContaining({ type: "started", ...ids, metadata: { queue: "billing" } }),
    expect.objectContaining({
      type: "ended",
      ...ids,
      ending: "stop",
      usage: expect.objectContaining({ outputTokens: expect.any(Number) }),
    }),
  ]);
  expect(text).toContain('"type":"token"');
  expect(JSON.stringify(records)).not.toMatch(/secret|messages|content/);
});

test("how it ended is recorded for who left and for what failed; content where that is wanted", async () => {
  const path = await newPath();
  await using under = await startRelay({ audit: audit(jsonLines(path), { content: true }) });
  const leaving = ask(under.streamUrl, question("/scenario stall"));
  await textUntil(await responseTo(leaving), (text) => text.includes('"token"'));
  leaving.destroy();
  await under.untilObserved("stream_ended");
  await replyTo(ask(under.streamUrl, question("/scenario cut")));
  await under.relay.close();
  const ended = (await recordsIn(path)).filter(({ type }) => type === "ended");
  expect(ended).toEqual([
    expect.objectContaining({
      ending: "cancelled",
      readerLeft: true,
      usage: expect.objectContaining({ isEstimate: true }),
      text: expect.stringMatching(/./),
    }),
    expect.objectContaining({ ending: "error", code: "gateway_interrupted", readerLeft: false }),
  ]);
});

async function startWithBrokenSink(options?: AuditOptions) {
  const broken: AuditSink = {
    write: () => Promise.reject(new Error("The disk is full.")),
    async close() {},
  };
  const under = await startRelay({ audit: audit(broken, options) });
  await replyTo(ask(under.streamUrl, question("Hello")));
  expect(await under.untilObserved("audit_failed")).toMatchObject({
    failure: new Error("The disk is full."),
  });
  return under;
}

test("a record that cannot be written is reported, and streams go on", async () => {
  await using under = await startWithBrokenSink();
  expect((await replyTo(ask(under.streamUrl, question("Hello")))).status).toBe(200);
  await under.relay.close();
  expect(await under.untilObserved("audit_dropped")).toMatchObject({ records: 4 });
});

test("no stream begins without the record where it is required", async () => {
  await using under = await startWithBrokenSink({ required: true });
  const calls = under.emulator.calls.length;
  const refused = await replyTo(ask(under.streamUrl, question("Hello")));
  expect([refused.status, refusalIn(refused).code]).toEqual([503, "overloaded"]);
  expect(refused.headers["retry-after"]).toBe("5");
  expect(under.emulator.calls).toHaveLength(calls);
});
