import { isNotice, type StreamEvent } from "@gatestream/protocol";
import { responseTo, textUntil } from "@gatestream/testing/ask";
import { whyNoRedis } from "@gatestream/testing/redis-server";
import { startRelay } from "@gatestream/testing/relay-under-test";
import { startTwoRelays } from "@gatestream/testing/two-relays";
import * as fc from "fast-check";
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import type { AdapterKind, AdapterRequest, Resume } from "../describe-adapter.ts";
import { answers } from "./event-sequences.ts";
import { encode, expectOneEnd } from "./frames.ts";
import { readSse, type Frame } from "./read-frames.ts";
import { sendTo } from "./wire.ts";

const tokenCount = 5;
const question = `/scenario many-tokens ${tokenCount}`;

async function textOf(url: string, request: AdapterRequest): Promise<string> {
  return text(await responseTo(sendTo(url, request)));
}

export function testResuming(kind: AdapterKind, resume: Resume): void {
  /** The beginnings of an answer after which a client can ask for the rest. */
  function* cutsOf(frames: readonly Frame[]) {
    for (const [at, frame] of frames.entries()) {
      const rest = frames.slice(at + 1);
      const isOver = rest.every(({ value }) => kind.endIn(value) === undefined);
      if (resume.hasCursor(frame) && !isOver) yield { received: frames.slice(0, at + 1), rest };
    }
  }

  test("behind each frame that a client can name, the rest is the same, whatever the answer", () => {
    const expectRest = (given: readonly StreamEvent[]): void => {
      // Positions in the queue and the like are not kept.
      const events = given.filter((event) => !isNotice(event));
      for (const { received, rest } of cutsOf(readSse(encode(kind.createFormat(), events)))) {
        expect(readSse(encode(resume.createFormatAfter(received), events))).toEqual(rest);
      }
    };
    fc.assert(fc.property(answers, expectRest), { numRuns: 50 });
  });

  test("behind each frame that a client can name, the relay sends the rest, and asks the gateway once", async () => {
    await using under = await startRelay({ adapters: [kind.adapter] });
    const frames = readSse(await textOf(under.url, resume.ask(question)));
    for (const { received, rest } of cutsOf(frames)) {
      expect(readSse(await textOf(under.url, resume.askAfter(received)))).toEqual(rest);
    }
    expect(under.emulator.calls.filter((call) => call.kind === "chat")).toHaveLength(1);
  });

  test("the rest of an answer whose beginning is no longer kept ends as failed", async () => {
    await using under = await startRelay({
      adapters: [kind.adapter],
      maxLogBytes: 4_096,
      // What comes together is kept together.
      emulator: { tokensPerSecond: 2_000 },
    });
    const frames = readSse(await textOf(under.url, resume.ask("Hello")));
    const first = frames.slice(0, frames.findIndex(resume.hasCursor) + 1);
    const rest = readSse(await textOf(under.url, resume.askAfter(first)));
    expect(expectOneEnd(kind, rest)).toBe("failed");
  });

  test.skipIf(whyNoRedis)(
    `a reader goes from relay to relay, and gets each frame once ${whyNoRedis ?? ""}`,
    async () => {
      await using relays = await startTwoRelays({
        adapters: [kind.adapter],
        shutdownGraceMs: 600_000,
        gateway: { hold: "pieces" },
      });
      const { here, there, gateway } = relays;
      /** Reads until a text is there, and leaves what comes behind its frame. */
      const readTo = async (
        response: IncomingMessage,
        token: string,
      ): Promise<readonly Frame[]> => {
        const hasText = ({ value }: Frame): boolean => kind.textIn(value) === token;
        const body = await textUntil(response, (soFar) => readSse(soFar).some(hasText));
        return readSse(body).slice(0, readSse(body).findIndex(hasText) + 1);
      };
      const first = await responseTo(sendTo(here.url, resume.ask(question)));
      await gateway.release(2);
      const received = [...(await readTo(first, "1 "))];
      first.destroy();
      const second = await responseTo(sendTo(there.url, resume.askAfter(received)));
      await gateway.release();
      received.push(...(await readTo(second, "2 ")));
      // The relay that it reads from stops; the other writes on.
      const closed = there.relay.close();
      const rest = readSse(await text(second).catch(() => ""));
      expect(rest.map(({ value }) => kind.endIn(value))).not.toContain("whole");
      const third = textOf(here.url, resume.askAfter(received));
      await gateway.release(tokenCount);
      received.push(...readSse(await third));
      const whole = readSse(await textOf(here.url, resume.askAfter(received.slice(0, 3))));
      expect(received.slice(3)).toEqual(whole);
      expect(expectOneEnd(kind, received)).toBe("whole");
      await closed;
    },
  );
}
