import { scenarioDialects, scenarioNames, type ScenarioName } from "@gatestream/emulator";
import { isTerminal } from "@gatestream/protocol";
import { expect, test } from "vitest";
import { startRawGateway, writeUntilBlocked } from "../testing/servers.ts";
import { startEmulator } from "../testing/start-emulator.ts";
import { firstResponse } from "../testing/upstream-under-test.ts";
import { readAll } from "../testing/upstream-responses.ts";
import { readUsage } from "../usage.ts";
import { isChat, stop, textOf, type ProviderKind } from "./provider-kind.ts";

/** How a scenario's answer ends; a new scenario must say so here. */
const endings: Readonly<Record<ScenarioName, string | undefined>> = {
  answer: "stop",
  "every-byte": "stop",
  "many-objects-a-line": "stop",
  "crlf-bom": "stop",
  "no-final-newline": "stop",
  sse: "stop",
  delta: "stop",
  done: "stop",
  "unknown-type": "stop",
  reasoning: "stop",
  "tool-call": "tool_calls",
  sources: "stop",
  file: "stop",
  usage: "stop",
  length: "length",
  gzip: "stop",
  "big-token": "stop",
  "many-tokens": "stop",
  "malformed-line": "stop",
  "no-stop": "eof",
  empty: "eof",
  "slow-first-token": "stop",
  "slow-headers": "stop",
  "rate-limited-half": "stop",
  "rate-limited-seconds": "stop",
  "rate-limited-date": "stop",
  "rate-limited-reset": "stop",
  "rate-limited-message": "stop",
  "rate-limited-bare": "stop",
  "unavailable-twice": "stop",
  // What is no whole answer, or not in every dialect, has tests of its own.
  "error-in-middle": undefined,
  cut: undefined,
  stall: undefined,
  silent: undefined,
  "huge-line": undefined,
  html: undefined,
  "no-content": undefined,
  "unauthorized-once": undefined,
  "unauthorized-always": undefined,
  "rate-limited-always": undefined,
  "unavailable-always": undefined,
  "bad-request": undefined,
  "bad-request-echo": undefined,
  forbidden: undefined,
  "token-endpoint-down": undefined,
};

export function testAnswers(kind: ProviderKind): void {
  const answered = scenarioNames.filter(
    (name) =>
      endings[name] !== undefined &&
      (endings[name] !== "eof" || kind.endsEarlyWith === "eof") &&
      scenarioDialects(name).includes(kind.dialect),
  );
  const isPassing = (name: ScenarioName): boolean => /^(?:rate-limited|unavailable)/.test(name);
  const takesLong = (name: ScenarioName): boolean => isPassing(name) || name === "every-byte";

  async function expectWhole(scenario: ScenarioName): Promise<void> {
    const { emulator, url } = await startEmulator({ scenario, slowFirstTokenMs: 20 });
    const provider = kind.at(url);
    const { events, failure } = await provider.ask();
    const chat = await emulator.waitFor((call) => isChat(call) && call.status === 200);
    expect(failure).toBeUndefined();
    expect(textOf(events)).toBe(chat.sentText);
    expect(chat.sentText === "").toBe(scenario === "empty");
    expect(events.filter(isTerminal)).toMatchObject([{ type: "stop", reason: endings[scenario] }]);
    expect(events.at(-1)).toMatchObject({ type: "stop" });
    const indexes = events.flatMap((event) => (event.type === "token" ? [event.index] : []));
    expect(indexes).toEqual(indexes.map((_, at) => at));
    const failedTries = provider.observed.slice(0, -1);
    expect(failedTries).toMatchObject(
      failedTries.map((_, at) => ({ type: "attempt_failed", attempt: at + 1 })),
    );
    const attempts = emulator.calls.filter(isChat).length;
    expect(provider.observed.at(-1)).toMatchObject({ type: "upstream_answered", attempts });
  }

  test.each(answered.filter((name) => !takesLong(name)))(
    "the whole text arrives, once and in order, then one terminal, last: %s",
    expectWhole,
  );

  // They wait for a second or two: all at once.
  test(
    "so it does one byte at a time, and behind refusals that pass",
    { timeout: 20_000 },
    async () => {
      const names = answered.filter(takesLong);
      expect(names.filter(isPassing).length).toBeGreaterThan(5);
      await Promise.all(names.map(expectWhole));
    },
  );

  test("a line that is not JSON is one warning in its place", async () => {
    const { url } = await startEmulator({ scenario: "malformed-line" });
    const { events } = await kind.at(url).ask();
    const at = events.findIndex(({ type }) => type === "warning");
    expect(events[at]).toEqual({ type: "warning", code: "malformed_line" });
    expect(events.filter(({ type }) => type === "warning")).toHaveLength(1);
    expect(textOf(events.slice(0, at))).not.toBe("");
    expect(textOf(events.slice(at))).not.toBe("");
  });

  test("usage goes with the stop", async () => {
    const { url } = await startEmulator({ scenario: "usage" });
    const { events } = await kind.at(url).ask();
    const { usage, ...last } = { usage: undefined, ...events.at(-1) };
    expect(last).toEqual(stop);
    expect(readUsage(usage)).toMatchObject({
      // How do I reset my password? Which one? Schlüssel 👍
      inputTokens: 13,
      outputTokens: events.filter(({ type }) => type === "token").length,
    });
  });

  test("fifty tokens that arrive together leave together", async () => {
    const { promise, answer } = firstResponse();
    await using server = await startRawGateway(answer);
    const opening = kind.at(server.url).open();
    const response = await promise;
    response.setHeader("content-type", kind.wire.contentType);
    response.flushHeaders();
    const batches = (await opening)[Symbol.asyncIterator]();
    const first = batches.next();
    // As one write: node:http of Node 24 makes two of what is corked.
    response.write(Array.from({ length: 50 }, (_, index) => kind.wire.token(`${index} `)).join(""));
    expect((await first).value).toHaveLength(50);
    response.end(kind.wire.end);
    expect((await batches.next()).value).toEqual([stop]);
  });

  test("answers in a row, each left at its terminal event, share a connection", async () => {
    await using server = await startRawGateway((_, response) => {
      response.setHeader("content-type", kind.wire.contentType);
      response.end(kind.wire.token("a") + kind.wire.end);
    });
    const provider = kind.at(server.url);
    const connections: number[] = [];
    for (let count = 0; count < 5; count += 1) {
      for await (const batch of await provider.open()) if (batch.some(isTerminal)) break;
      // The client takes a connection for free in the turn after its last byte.
      await new Promise(setImmediate);
      connections.push(server.connectionCount());
    }
    // The first may have needed another one for its access token.
    const [atFirst] = connections;
    expect(connections).toEqual(connections.map(() => atFirst));
  });

  test("back-pressure: while the answer is not read the upstream has to wait, and nothing is lost", async () => {
    const token = "x".repeat(1000);
    const piece = Buffer.from(kind.wire.token(token).repeat(200));
    const { promise, answer } = firstResponse();
    await using server = await startRawGateway(answer);
    const opening = kind.at(server.url).open();
    const response = await promise;
    response.setHeader("content-type", kind.wire.contentType);
    response.flushHeaders();
    const waiting = await opening;
    const maxBytes = 64 * 1024 * 1024;
    const blocked = await writeUntilBlocked(response, { piece, maxBytes, quietMs: 300 });
    expect(blocked?.writtenBytes).toBeLessThan(maxBytes / 2);
    response.end(kind.wire.end);
    const { items, failure } = await readAll(waiting);
    expect(failure).toBeUndefined();
    const pieceCount = (blocked?.writtenBytes ?? 0) / piece.length;
    expect(textOf(items.flat()).length).toBe(pieceCount * 200 * token.length);
    expect(items.flat().at(-1)).toEqual(stop);
  });

  test("at most maxConcurrentStreams at once: an answer that ends lets the next begin", async () => {
    const { emulator, url } = await startEmulator({ slowFirstTokenMs: 200 });
    const provider = kind.at(url, { maxConcurrentStreams: 1 });
    const first = await provider.open({ question: "/scenario slow-first-token" });
    const second = provider.ask();
    const third = provider.ask({ question: "/scenario bad-request" });
    const fourth = provider.ask();
    expect(provider.positions).toEqual([1, 2, 3]);
    await readAll(first);
    expect((await second).events.at(-1)).toMatchObject(stop);
    // A refusal gives its place back as well.
    await expect(third).rejects.toMatchObject({ code: "gateway_rejected" });
    expect((await fourth).events.at(-1)).toMatchObject(stop);
    const chats = emulator.calls.filter(isChat);
    expect(chats).toHaveLength(4);
    for (const [index, { startedAt }] of chats.entries()) {
      expect(startedAt).toBeGreaterThanOrEqual(chats[index - 1]?.endedAt ?? 0);
    }
  });
}
