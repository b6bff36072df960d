import * as fc from "fast-check";
import { assert, expect, test } from "vitest";
import { expectRefused } from "@gatestream/testing/expect-refused";
import { bytesOf, fuzzedRequest, type FuzzedRequest } from "@gatestream/testing/fuzzed-request";
import { parseStream } from "@gatestream/testing/parse-events";
import { connectRaw, type RawReply } from "@gatestream/testing/raw-client";
import { startWatchedRelay, type WatchedRelay } from "@gatestream/testing/watched-relay";

/** Another one makes other requests up; what fails prints the seed that it failed with. */
const seed = Number(process.env["FUZZ_SEED"] ?? 1);

/** The reply; undefined where the relay cut off what it could not understand. */
async function replyTo(under: WatchedRelay, request: FuzzedRequest): Promise<RawReply | undefined> {
  using client = await connectRaw(under.url);
  client.send(bytesOf(request));
  for (;;) {
    const reply = await client.reply(request.method);
    // "100 Continue" is only the beginning.
    if (reply === undefined || reply.status >= 200) return reply;
  }
}

function expectHarmless(reply: RawReply, { method }: FuzzedRequest): void {
  const { status, headers, text } = reply;
  if (status >= 500) expect([502, 503, 504]).toContain(status);
  // A reply to HEAD says no more than its status.
  if (status >= 400 && method !== "HEAD") expectRefused(reply);
  if (status !== 200 || headers["content-type"] !== "text/event-stream") return;
  const last = parseStream(text).events.at(-1)?.event;
  assert(last?.type === "stop" || last?.type === "error", "A stream ends with its terminal event.");
  expect(last.type === "error" && last.code).not.toBe("internal_error");
}

test("whatever is asked, no reply is a fault of the relay", { timeout: 60_000 }, async () => {
  await using under = await startWatchedRelay({
    // What never ends is cut off soon.
    requestTimeoutMs: 100,
    maxBodyBytes: 1_024,
    requestsPerMinute: 1_000_000,
    handshakeTries: 1,
  });
  const statuses = new Set<number | undefined>();
  const property = fc.asyncProperty(fuzzedRequest, async (request) => {
    const reply = await replyTo(under, request);
    statuses.add(reply?.status);
    if (reply !== undefined) expectHarmless(reply, request);
  });
  const lanes = Array.from({ length: 10 }, (_, lane) =>
    fc.assert(property, { seed: seed + lane, numRuns: 60, endOnFailure: true }),
  );
  await Promise.all(lanes);
  // Not all were so strange that nothing came of them.
  expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 404, 405]));
  await under.expectUnharmed();
});
