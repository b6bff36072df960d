import { expect, test } from "vitest";
import { ask, question, refusalIn, replyTo, responseTo, textUntil } from "@gatestream/testing/ask";
import { startRelay } from "@gatestream/testing/relay-under-test";

/** Callers are who they say. */
const byName = {
  authenticate: ({ headers }: { headers: Record<string, string | string[] | undefined> }) => ({
    subject: String(headers["x-name"]),
  }),
};
const as = (name: string) => ({ headers: { "X-Name": name } });

test("a caller without budget is refused until the window ends; other callers are not", async () => {
  await using under = await startRelay({ ...byName, tokensPerDayPerSubject: 1 });
  const first = await replyTo(ask(under.streamUrl, question("Hello"), as("ada")));
  expect(first.status).toBe(200);
  await under.untilObserved("stream_ended");
  const second = await replyTo(ask(under.streamUrl, question("Hello"), as("ada")));
  expect([second.status, refusalIn(second).code]).toEqual([429, "rate_limited"]);
  expect(second.headers["ratelimit-policy"]).toBe('"tokens";q=1;w=86400');
  expect(Number(second.headers["retry-after"])).toBeGreaterThan(86_000);
  const other = await replyTo(ask(under.streamUrl, question("Hello"), as("bob")));
  expect(other.status).toBe(200);
});

test("an answer that its reader aborts counts its estimate", async () => {
  await using under = await startRelay({
    ...byName,
    emulator: { scenario: "stall" },
    tokensPerMinutePerSubject: 2,
  });
  const asking = ask(under.streamUrl, question("A question of some length"), as("ada"));
  await textUntil(await responseTo(asking), (text) => text.includes('"token"'));
  asking.destroy();
  await under.untilObserved("stream_ended");
  const second = await replyTo(ask(under.streamUrl, question("Hello"), as("ada")));
  expect([second.status, refusalIn(second).code]).toEqual([429, "rate_limited"]);
});
