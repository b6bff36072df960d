import { EventEmitter, once } from "node:events";
import { scenarioDialects, scenarioNames, type ScenarioName } from "@gatestream/emulator";
import type { Adapter, RelayBaseOptions, StreamEnded } from "@gatestream/relay";
import {
  startBreakingProxy,
  type BreakingProxy,
  type Cut,
} from "@gatestream/testing/breaking-proxy";
import {
  startRelay,
  type RelayUnderTest,
  type RelayUnderTestOptions,
} from "@gatestream/testing/relay-under-test";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

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
    describe("every scenario of the emulator: its text, or an error", () => testScenarios(client));
    describe("a connection", () => testConnections(client));
    describe("an end", () => testEnds(client));
  });
}

interface ClientUnderTest extends AsyncDisposable {
  readonly under: RelayUnderTest;
  /** Between the client and the relay. */
  readonly proxy: BreakingProxy;
  ask(question: string, signal?: AbortSignal): Promise<Outcome>;
}

type Outcome = { readonly text: string } | { readonly failure: unknown };

async function start(client: RealClient, options: RelayUnderTestOptions): Promise<ClientUnderTest> {
  const under = await startRelay({ adapters: [client.adapter], ...client.relay, ...options });
  const proxy = await startBreakingProxy(under.url);
  return {
    under,
    proxy,
    ask: (question, signal = new AbortController().signal) =>
      client.ask(`${proxy.url}/api/llm`, question, signal).then(
        (text) => ({ text }),
        (failure: unknown) => ({ failure }),
      ),
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await under[Symbol.asyncDispose]();
    },
  };
}

/**
 * They take a second or two, end when the relay has waited for too long, or are about its first access
 * token: each has a relay of its own, and all of them begin at once.
 */
const isAlone = (name: ScenarioName): boolean =>
  /^(?:rate-limited|unavailable|every-byte|silent|stall|token-endpoint)/.test(name);

const impatient = { firstByteTimeoutMs: 100, idleTimeoutMs: 100 };

function testScenarios(client: RealClient): void {
  const names = scenarioNames.filter((name) => scenarioDialects(name).includes("genesys"));
  const alone = new Map<ScenarioName, ReturnType<typeof play>>();
  const ends = new EventEmitter();
  let together: ClientUnderTest;

  async function play({ under, ask }: ClientUnderTest, ended: Promise<StreamEnded>) {
    const outcome = await ask("Hello 🥐");
    const { error } = await ended;
    const { calls } = under.emulator;
    const answer = calls.findLast(({ kind, status }) => kind === "chat" && status === 200);
    return { outcome, error, sentText: answer?.sentText };
  }

  async function playAlone(scenario: ScenarioName) {
    await using running = await start(client, {
      ...((scenario === "silent" || scenario === "stall") && impatient),
      handshakeTries: 3,
      emulator: { scenario },
    });
    return await play(running, running.under.untilObserved("stream_ended"));
  }

  function playTogether(scenario: ScenarioName) {
    together.under.emulator.setScenario(scenario);
    const ended = once(ends, "stream_ended") as Promise<[StreamEnded]>;
    return play(
      together,
      ended.then(([end]) => end),
    );
  }

  beforeAll(async () => {
    for (const name of names.filter(isAlone)) alone.set(name, playAlone(name));
    together = await start(client, {
      emulator: { slowFirstTokenMs: 20 },
      observer: (event) => ends.emit(event.type, event),
    });
  });
  afterAll(async () => {
    await together[Symbol.asyncDispose]();
    // Also where a filter has left their tests out.
    await Promise.all(alone.values());
  });

  test.each(names.toSorted((one, other) => Number(isAlone(one)) - Number(isAlone(other))))(
    "%s",
    async (name) => {
      const { outcome, error, sentText } = await (alone.get(name) ?? playTogether(name));
      if (error === undefined) expect(outcome).toEqual({ text: sentText });
      else expect(outcome).toEqual({ failure: expect.anything() });
    },
  );
}

const fewTokens = "/scenario many-tokens 2";
const textOfFew = "0 1 ";

function testConnections(client: RealClient): void {
  test("may split an answer between any two bytes", async () => {
    await using running = await start(client, {});
    const whole = await running.ask("/scenario tool-call 🥐");
    expect(whole).toEqual({ text: expect.stringContaining("🥐") });
    running.proxy.breakNext({ pieceBytes: 1 });
    expect(await running.ask("/scenario tool-call 🥐")).toEqual(whole);
  });

  /** What the client makes of the answer, cut before, in and at the end of each frame. */
  async function outcomesOfCuts(running: ClientUnderTest, by: Cut): Promise<readonly Outcome[]> {
    expect(await running.ask(fewTokens)).toEqual({ text: textOfFew });
    const outcomes: Outcome[] = [];
    for (const atByte of cutsOf(running.proxy.body)) {
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
      await using running = await start(client, {});
      const outcomes = await outcomesOfCuts(running, by);
      expect(outcomes.filter(isTruncated)).toEqual([]);
      const inTheMiddle = outcomes[Math.floor(outcomes.length / 2)];
      expect(inTheMiddle && isResumed(inTheMiddle)).toBe(onBrokenConnection === "resume");
    },
  );

  if (onEarlyEnd === "accept") {
    test("that something in between ends early leaves a part for the whole: the client cannot see it", async () => {
      await using running = await start(client, {});
      const outcomes = await outcomesOfCuts(running, "end");
      expect(outcomes.filter(isTruncated)).not.toEqual([]);
    });
  } else {
    test(`that something in between ends early (${onEarlyEnd}) never leaves a part for the whole`, async () => {
      await using running = await start(client, {});
      const outcomes = await outcomesOfCuts(running, "end");
      expect(outcomes.filter(isTruncated)).toEqual([]);
      const inTheMiddle = outcomes[Math.floor(outcomes.length / 2)];
      expect(inTheMiddle && isResumed(inTheMiddle)).toBe(onEarlyEnd === "resume");
    });
  }
}

/** Before each frame, in its middle, and before its last byte. */
function cutsOf(body: Buffer): readonly number[] {
  let from = 0;
  const frames = body.toString("latin1").split(/(?<=\n)(?!\n)/);
  return frames.flatMap(({ length }) => {
    const at = from;
    from += length;
    return [at, at + Math.floor(length / 2), at + length - 1];
  });
}

function testEnds(client: RealClient): void {
  /** A client that has begun to read an answer to which nothing more comes. */
  async function startReading(options: RelayUnderTestOptions = {}) {
    const running = await start(client, { emulator: { scenario: "stall" }, ...options });
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
