import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { ask, question, refusalIn, replyTo, responseTo, textUntil } from "@gatestream/testing/ask";
import { startRelay } from "@gatestream/testing/relay-under-test";
import { describeEachLog, startRelays } from "@gatestream/testing/two-relays";

const headers = { "Idempotency-Key": "a-key-of-this-caller-0123456789" };
const stalled = { ...question("/scenario stall"), onDisconnect: "detach" };

describeEachLog("a start with an Idempotency-Key", (kind) => {
  test("joins its stream although the caller may not start another one", async () => {
    await using relays = await startRelays(kind, { maxStreamsPerSubject: 1 });
    const first = await responseTo(ask(relays.here.streamUrl, stalled, { headers }));
    await textUntil(first, (soFar) => soFar.includes("id: 1\n"));
    const again = await responseTo(ask(relays.here.streamUrl, stalled, { headers }));
    expect(again.statusCode).toBe(200);
    expect(again.headers["x-stream-id"]).toBe(first.headers["x-stream-id"]);
    const other = { "Idempotency-Key": "another-key-0123456789" };
    const refused = await replyTo(ask(relays.here.streamUrl, stalled, { headers: other }));
    expect([refused.status, refusalIn(refused).code]).toEqual([429, "rate_limited"]);
    // What was refused does not hold the key.
    const target = `${relays.here.streamUrl}/${String(first.headers["x-stream-id"])}`;
    await Promise.all([
      replyTo(ask(target, undefined, { method: "DELETE" })),
      text(first),
      text(again),
    ]);
    const later = await responseTo(ask(relays.here.streamUrl, stalled, { headers: other }));
    expect(later.statusCode).toBe(200);
    later.destroy();
    await once(later, "close");
    expect(relays.gateway.chatCount).toBe(2);
  });

  test("is refused with 422 where the key was used for another request, on any relay", async () => {
    await using relays = await startRelays(kind);
    const first = await responseTo(ask(relays.here.streamUrl, stalled, { headers }));
    const other = { ...question("Another question"), onDisconnect: "detach" };
    for (const { streamUrl } of [relays.here, relays.there]) {
      const refused = await replyTo(ask(streamUrl, other, { headers }));
      expect([refused.status, refusalIn(refused)]).toMatchObject([
        422,
        { code: "idempotency_key_reused", retryable: false },
      ]);
    }
    expect(relays.gateway.chatCount).toBe(1);
    first.destroy();
  });
});

test("of a caller who is known by an address alone must be 16 characters long", async () => {
  await using under = await startRelay();
  const short = { "Idempotency-Key": "fifteen-chars-0" };
  const reply = await replyTo(ask(under.streamUrl, stalled, { headers: short }));
  expect([reply.status, refusalIn(reply).code]).toEqual([400, "invalid_request"]);
});

test("of a caller who has proved who they are may be short", async () => {
  await using under = await startRelay({ authenticate: () => ({ subject: "ada" }) });
  const body = { ...question("Hello"), onDisconnect: "detach" };
  const short = { "Idempotency-Key": "1" };
  expect((await replyTo(ask(under.streamUrl, body, { headers: short }))).status).toBe(200);
});
