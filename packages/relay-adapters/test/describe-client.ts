import type { Adapter, RelayBaseOptions } from "@gatestream/relay";
import type { Cut } from "@gatestream/testing/breaking-proxy";
import type { RelayUnderTestOptions } from "@gatestream/testing/relay-under-test";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startClient, type ClientUnderTest, type Outcome } from "./contract/client-under-test.ts";
import { createSlowScenarios, testScenarios } from "./contract/scenarios.ts";

/** A client of another ecosystem, as its users use it; it repeats no request by itself. */
export interface RealClient {
  /** With its major version: `ai 6`. */
  readonly name: string;
  /** Which adapter it uses: a name as in the relay's setting, or one of your own. */
  readonly adapter: string | Adapter;
  /** What else the relay is given. @defaultValue nothing */
  readonly relay?: RelayBaseOptions;
  /**
   * Asks the relay whose routes begin at `baseUrl`, and resolves with the text of the whole answer; rejects
   * where the client reports an error.
   */
  ask(baseUrl: string, question: string, signal: AbortSignal): Promise<string>;
  /** What it makes of an answer whose connection breaks: it reports an error, or gets the rest. */
  readonly onBrokenConnection: "error" | "resume";
  /**
   * What it makes of an answer whose response ends too early as if it were whole, which only happens where
   * something in between does that: `accept` means that it takes the part for the whole answer.
   */
  readonly onEarlyEnd: "error" | "resume" | "accept";
  /** It asks for the answer in one piece. @defaultValue false */
  readonly takesWhole?: boolean;
  /** What becomes of an answer whose reader has left: it is cancelled, or goes on without a reader. */
  readonly onAbort: "cancel" | "detach";
}

/** What every client gets, whatever becomes of the gateway, the relay and the connection. */
export function describeClient(client: RealClient): void {
  describe(client.name, () => {
    // They wait while the others run.
    const slow = createSlowScenarios(client);
    beforeAll(() => slow.begin());
    afterAll(() => slow.end());
    describe("every scenario of the emulator: its text, or an error", () => testScenarios(client));
    describe("a connection", () => testConnections(client));
    describe("an end", () => testEnds(client));
    describe("every slow scenario: its text, or an error", () => slow.test());
  });
}

const fewTokens = "/scenario many-tokens 2";
const textOfFew = "0 1 ";

function testConnections(client: RealClient): void {
  test("may split an answer between any two bytes", async () => {
    await using running = await startClient(client, {});
    const whole = await running.ask("/scenario tool-call 🥐");
    expect(whole).toEqual({ text: expect.stringContaining("🥐") });
    running.proxy.breakNext({ pieceBytes: 1 });
    expect(await running.ask("/scenario tool-call 🥐")).toEqual(whole);
  });

  /** What the client makes of the answer, cut before, in and at the end of each frame. */
  async function outcomesOfCuts(running: ClientUnderTest, by: Cut): Promise<readonly Outcome[]> {
    expect(await running.ask(fewTokens)).toEqual({ text: textOfFew });
    const outcomes: Outcome[] = [];
    for (const atByte of cutsOf(running.proxy.body, by)) {
      running.proxy.breakNext({ cut: { atByte, by } });
      outcomes.push(await running.ask(fewTokens));
    }
    const chats = running.under.emulator.calls.filter(({ kind }) => kind === "chat");
    expect(chats).toHaveLength(1 + outcomes.length);
    return outcomes;
  }

  const isTruncated = (outcome: Outcome): boolean =>
    "text" in outcome && outcome.text !== textOfFew;
  const { onBrokenConnection, onEarlyEnd } = client;
  const isResumed = (outcome: Outcome): boolean => "text" in outcome;

  test.each(["reset", "close"] as const)(
    `that breaks anywhere (${onBrokenConnection}) never leaves a part for the whole: %s`,
    async (by) => {
      await using running = await startClient(client, {});
      const outcomes = await outcomesOfCuts(running, by);
      expect(outcomes.filter(isTruncated)).toEqual([]);
      const inTheMiddle = outcomes[Math.floor(outcomes.length / 2)];
      expect(inTheMiddle && isResumed(inTheMiddle)).toBe(onBrokenConnection === "resume");
    },
  );

  if (onEarlyEnd === "accept") {
    test("that something in between ends early leaves a part for the whole: the client cannot see it", async () => {
      await using running = await startClient(client, {});
      const outcomes = await outcomesOfCuts(running, "end");
      expect(outcomes.filter(isTruncated)).not.toEqual([]);
    });
  } else {
    test(`that something in between ends early (${onEarlyEnd}) never leaves a part for the whole`, async () => {
      await using running = await startClient(client, {});
      const outcomes = await outcomesOfCuts(running, "end");
      expect(outcomes.filter(isTruncated)).toEqual([]);
      const inTheMiddle = outcomes[Math.floor(outcomes.length / 2)];
      expect(inTheMiddle && isResumed(inTheMiddle)).toBe(onEarlyEnd === "resume");
    });
  }
}

/** Before each frame, in its middle, and before its last byte; of a reset, which looks the same, the middle. */
function cutsOf(body: Buffer, by: Cut): readonly number[] {
  let from = 0;
  const frames = body.toString("latin1").split(/(?<=\n)(?!\n)/);
  return frames.flatMap(({ length }) => {
    const at = from;
    from += length;
    const middle = at + Math.floor(length / 2);
    return by === "reset" ? [middle] : [at, middle, at + length - 1];
  });
}

function testEnds(client: RealClient): void {
  /** A client that has begun to read an answer to which nothing more comes. */
  async function startReading(options: RelayUnderTestOptions = {}) {
    const running = await startClient(client, { emulator: { scenario: "stall" }, ...options });
    const leaving = new AbortController();
    const asking = running.ask("Hello", leaving.signal);
    const { emulator } = running.under;
    await emulator.waitFor(({ sentText }) => sentText.includes("works"));
    if (client.takesWhole !== true) await running.proxy.untilPassed("works");
    return Object.assign(running, { leaving, asking });
  }

  test(`by the client: the gateway's request is aborted (${client.onAbort})`, async () => {
    await using running = await startReading({ orphanGraceMs: 50 });
    running.leaving.abort();
    await running.asking;
    const ending = client.onAbort === "cancel" ? "cancelled" : "abandoned";
    expect(await running.under.untilObserved("stream_ended")).toMatchObject({ ending });
    await running.under.emulator.waitFor(
      ({ kind, state }) => kind === "chat" && state === "aborted",
    );
  });

  test("by a relay that stops is an error", async () => {
    await using running = await startReading();
    const closed = running.under.relay.close();
    expect(await running.asking).toEqual({ failure: expect.anything() });
    await closed;
  });

  test("by a relay that is gone, and does not come back, is an error", async () => {
    await using running = await startReading();
    await running.proxy[Symbol.asyncDispose]();
    expect(await running.asking).toEqual({ failure: expect.anything() });
  });
}
