import { createRequire } from "node:module";
import { Agent, request } from "undici";
import { expect, test } from "vitest";
import { deferred } from "../../src/testing/deferred.ts";
import { ask, question, responseTo, textUntil } from "@gatestream/testing/ask";
import { startHost } from "@gatestream/testing/host";
import { parseStream, tokensIn } from "@gatestream/testing/parse-events";
import { startRelay } from "@gatestream/testing/relay-under-test";

/** The HTTP client's own clock, which its timeouts go by; `tick` is there for tests. */
const clientClock: { tick(ms: number): void } = createRequire(import.meta.url)(
  "undici/lib/util/timers.js",
);

const thinkingMs = 400_000;

/** For the HTTP client, the time that a model thinks goes by at once. */
function letClientWait(): void {
  // A timeout begins with the first tick after it was set.
  clientClock.tick(0);
  clientClock.tick(thinkingMs);
}

/** Settings for a model that thinks for minutes. */
const patient = {
  firstByteTimeoutMs: 900_000,
  idleTimeoutMs: 900_000,
  firstByteGraceMs: 0,
  heartbeatMs: 100,
};

test("the client's default timeout would cut a model that thinks for minutes", async () => {
  const { promise: isAsked, resolve: onAsked } = deferred();
  await using silent = await startHost(() => onAsked());
  const agent = new Agent();
  const asked = request(silent.url, { dispatcher: agent });
  const cut = expect(asked).rejects.toMatchObject({ code: "UND_ERR_HEADERS_TIMEOUT" });
  await isAsked;
  letClientWait();
  await cut;
  await agent.destroy();
});

test.each(["slow-headers", "slow-first-token"] as const)(
  "the client's default timeout does not kill a thinking model; heartbeats reach the reader meanwhile: %s",
  async (scenario) => {
    const { promise: thinking, resolve: answer } = deferred();
    const clock = { now: () => performance.now(), wait: () => thinking };
    await using under = await startRelay({
      ...patient,
      emulator: { scenario, slowFirstTokenMs: thinkingMs, clock },
    });
    const response = await responseTo(ask(under.streamUrl, question("Think hard")));
    await under.emulator.waitFor(
      ({ scenario: played, status }) =>
        played === scenario && (status === 200 || scenario === "slow-headers"),
    );
    const before = await textUntil(response, (text) => text.includes(": heartbeat"));
    letClientWait();
    const during = await textUntil(response, (text) => text.includes(": heartbeat"));
    answer();
    const after = await textUntil(response, (text) => text.includes('"type":"stop"'));
    const stream = parseStream(before + during + after);
    const chat = await under.emulator.waitFor(({ kind }) => kind === "chat");
    expect(tokensIn(stream)).toBe(chat.sentText);
    expect(stream.events.at(-1)?.event).toEqual({ type: "stop", reason: "stop" });
    expect(under.emulator.calls.filter(({ kind }) => kind === "chat")).toHaveLength(1);
  },
);

test("the client's default timeout does not cut a silence in the middle of an answer", async () => {
  await using under = await startRelay({ ...patient, emulator: { scenario: "stall" } });
  const response = await responseTo(ask(under.streamUrl, question("Think hard")));
  await textUntil(response, (text) => text.includes("id: 8\n"));
  letClientWait();
  const silence = await textUntil(response, (text) => text.split(": heartbeat").length > 2);
  expect(silence).not.toContain("error");
  response.destroy();
});
