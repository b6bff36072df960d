import { EventEmitter, once } from "node:events";
import { scenarioDialects, scenarioNames, type ScenarioName } from "@gatestream/emulator";
import type { StreamEnded } from "@gatestream/relay";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RealClient } from "../describe-client.ts";
import { startClient, type ClientUnderTest } from "./client-under-test.ts";

/** Those of the gateway that `startRelay` asks. */
const names = scenarioNames.filter((name) => scenarioDialects(name).includes("genesys"));

/**
 * They take a second or two, end when the relay has waited for too long, or are about its first access
 * token: each has a relay of its own.
 */
const isAlone = (name: ScenarioName): boolean =>
  /^(?:rate-limited|unavailable|every-byte|silent|stall|token-endpoint)/.test(name);

const impatient = { firstByteTimeoutMs: 100, idleTimeoutMs: 100 };

/** What the client made of an answer, and what the relay and the gateway know of it. */
async function play({ under, ask }: ClientUnderTest, ended: Promise<StreamEnded>) {
  const outcome = await ask("Hello 🥐");
  const { error } = await ended;
  const { calls } = under.emulator;
  const answer = calls.findLast(({ kind, status }) => kind === "chat" && status === 200);
  return { outcome, error, sentText: answer?.sentText };
}

async function expectTextOrError(played: ReturnType<typeof play>): Promise<void> {
  const { outcome, error, sentText } = await played;
  if (error === undefined) expect(outcome).toEqual({ text: sentText });
  else expect(outcome).toEqual({ failure: expect.anything() });
}

/** The scenarios on one relay, one after the other. */
export function testScenarios(client: RealClient): void {
  const ends = new EventEmitter();
  let running: ClientUnderTest;
  beforeAll(async () => {
    running = await startClient(client, {
      emulator: { slowFirstTokenMs: 20 },
      observer: (event) => ends.emit(event.type, event),
    });
  });
  afterAll(() => running[Symbol.asyncDispose]());

  test.each(names.filter((name) => !isAlone(name)))("%s", async (name) => {
    running.under.emulator.setScenario(name);
    const ended = once(ends, "stream_ended").then(([event]) => event as StreamEnded);
    await expectTextOrError(play(running, ended));
  });
}

/** The others: they begin when `begin` is called, all at once. */
export function createSlowScenarios(client: RealClient) {
  const slow = names.filter(isAlone);
  const playing = new Map<ScenarioName, ReturnType<typeof play>>();

  async function playAlone(scenario: ScenarioName) {
    await using running = await startClient(client, {
      ...((scenario === "silent" || scenario === "stall") && impatient),
      handshakeTries: 3,
      emulator: { scenario },
    });
    return await play(running, running.under.untilObserved("stream_ended"));
  }

  return {
    begin() {
      for (const name of slow) playing.set(name, playAlone(name));
    },
    /** Also where a filter has left their tests out. */
    end: () => Promise.all(playing.values()),
    test() {
      test.each(slow)("%s", (name) => expectTextOrError(playing.get(name) ?? playAlone(name)));
    },
  };
}
