import { expect, test } from "vitest";
import { loggedStreamId } from "../../src/observe/logged-names.ts";
import type { StreamPhase } from "../../src/observe/observer.ts";
import { ask, question, refusalIn, replyTo } from "@gatestream/testing/ask";
import type { Held } from "@gatestream/testing/held-gateway";
import type { RelayUnderTest } from "@gatestream/testing/relay-under-test";
import { createReader } from "@gatestream/testing/resuming-reader";
import {
  describeEachLog,
  readiness,
  startRelays,
  type RelaysUnderTest,
  type RelaysUnderTestOptions,
} from "@gatestream/testing/two-relays";
import { askForWhole, expectWhole, lastId } from "@gatestream/testing/whole-answer";
import { eventually } from "@gatestream/testing/eventually";

const places = ["here", "there"] as const;
const withKey = { headers: { "Idempotency-Key": "my-key-0123456789" } };

async function untilIn(phase: StreamPhase, { observed }: RelayUnderTest): Promise<void> {
  await eventually(() =>
    expect(observed).toContainEqual(expect.objectContaining({ type: "phase_begun", phase })),
  );
}

/** Asks with a key, and loses the connection in this phase; the relay has seen that. */
async function loseIn(phase: StreamPhase, { here }: RelaysUnderTest): Promise<void> {
  const asking = ask(here.streamUrl, askForWhole, withKey);
  await untilIn(phase, here);
  asking.destroy();
  await readiness(here.url);
}

const headersWait: RelaysUnderTestOptions = { firstByteGraceMs: 600_000 };

describeEachLog("a stream whose reader is lost before any response", (kind) => {
  const phases: readonly (readonly [StreamPhase, Held])[] = [
    ["access_token", "token"],
    ["handshake", "chat"],
  ];
  test.each(phases.flatMap(([phase, hold]) => places.map((to) => ({ phase, hold, to }))))(
    "in the phase $phase goes on, and is joined with its key $to",
    async ({ phase, hold, to }) => {
      await using relays = await startRelays(kind, { ...headersWait, gateway: { hold } });
      const { gateway } = relays;
      await loseIn(phase, relays);
      gateway.hold(undefined);
      const reader = createReader();
      const opened = reader.open(ask(relays[to].streamUrl, askForWhole, withKey));
      await gateway.release();
      expect((await opened).statusCode).toBe(200);
      await reader.readToEnd();
      expectWhole(reader);
      expect(gateway.chatCount).toBe(1);
      const { streamId } = await relays.here.untilObserved("stream_ended");
      expect(loggedStreamId(reader.streamId, "")).toBe(streamId);
    },
  );

  test.each(places)("in the queue goes on, and is joined with its key %s", async (to) => {
    await using relays = await startRelays(kind, { ...headersWait, maxConcurrentStreams: 1 });
    const { here, gateway } = relays;
    const first = createReader();
    await first.open(ask(here.streamUrl, question("/scenario stall")));
    const asking = ask(here.streamUrl, askForWhole, withKey);
    await eventually(() => {
      const waiting = here.observed.filter((event) => event.type === "phase_begun");
      expect(waiting.filter((event) => event.phase === "queue")).toHaveLength(2);
    });
    asking.destroy();
    await readiness(here.url);
    const reader = createReader();
    const joined = await reader.open(ask(relays[to].streamUrl, askForWhole, withKey));
    expect(joined.statusCode).toBe(200);
    first.cut();
    await reader.readToEnd();
    expectWhole(reader);
    expect(gateway.chatCount).toBe(2);
  });

  test("is joined by all who come with its key at the same moment, wherever", async () => {
    await using relays = await startRelays(kind, { gateway: { hold: "pieces" } });
    const readers = await Promise.all(
      [...places, ...places, ...places].map(async (to) => {
        const reader = createReader();
        await reader.open(ask(relays[to].streamUrl, askForWhole, withKey));
        return reader;
      }),
    );
    await relays.gateway.release(lastId);
    for (const reader of readers) {
      await reader.readToEnd();
      expectWhole(reader);
    }
    expect(new Set(readers.map(({ streamId }) => streamId)).size).toBe(1);
    expect(relays.gateway.chatCount).toBe(1);
  });

  test("has another subject's key for another stream", async () => {
    await using relays = await startRelays(kind, {
      authenticate: ({ headers }) => ({ subject: String(headers["x-user"]) }),
    });
    const ids = [];
    for (const user of ["ada", "bob", "ada"]) {
      const headers = { ...withKey.headers, "X-User": user };
      const { headers: reply } = await replyTo(
        ask(relays.here.streamUrl, askForWhole, { headers }),
      );
      ids.push(reply["x-stream-id"]);
    }
    expect([ids[0] === ids[2], ids[0] === ids[1]]).toEqual([true, false]);
  });
});

describeEachLog("a start that the gateway refuses", (kind) => {
  test.each([
    ["bad-request", 400],
    ["forbidden", 502],
    ["rate-limited-always", 429],
    ["unavailable-always", 502],
  ] as const)("with %s is not what a second try comes to", async (scenario, status) => {
    await using relays = await startRelays(kind, {
      handshakeTries: 1,
      gateway: { emulator: { scenario } },
      // A reader that joins a refused stream gets 200 and an event.
      firstByteGraceMs: 600_000,
    });
    const { gateway } = relays;
    const body = { ...question("Hello"), onDisconnect: "detach" };
    // A 429 makes the relay that had it wait: the next try goes to the other one.
    const tries = scenario === "rate-limited-always" ? places : [...places, ...places, ...places];
    for (const [index, to] of tries.slice(0, kind === "redis" ? undefined : 1).entries()) {
      const refused = await replyTo(ask(relays[to].streamUrl, body, withKey));
      expect(refused.status).toBe(status);
      expect(gateway.chatCount).toBe(index + 1);
    }
    gateway.emulator.setScenario("answer");
    const asked = gateway.chatCount;
    const reader = createReader();
    const opened = await reader.open(ask(relays.here.streamUrl, body, withKey));
    expect(opened.statusCode).toBe(200);
    await reader.readToEnd();
    expect(reader.events.at(-1)?.event).toEqual({ type: "stop", reason: "stop" });
    expect(gateway.chatCount).toBe(asked + 1);
  });

  test.each(places)(
    "after the headers were sent is not what a second try %s comes to",
    async (to) => {
      await using relays = await startRelays(kind, {
        firstByteGraceMs: 0,
        gateway: { hold: "chat" },
      });
      const { here, gateway } = relays;
      const body = { ...question("/scenario bad-request"), onDisconnect: "detach" };
      const reader = createReader();
      await reader.open(ask(here.streamUrl, body, withKey));
      await gateway.release();
      await reader.readToEnd();
      expect(reader.events.at(-1)?.event).toMatchObject({ code: "gateway_rejected" });
      gateway.hold(undefined);
      const second = createReader();
      await second.open(ask(relays[to].streamUrl, askForWhole, withKey));
      await second.readToEnd();
      expectWhole(second);
      expect(gateway.chatCount).toBe(2);
    },
  );

  test("is refused to its reader with a status", async () => {
    await using relays = await startRelays(kind, { gateway: { emulator: { scenario: "html" } } });
    const body = { ...question("Hello"), onDisconnect: "detach" };
    const refused = await replyTo(ask(relays.here.streamUrl, body));
    expect([refused.status, refusalIn(refused).code]).toEqual([502, "gateway_protocol_error"]);
  });
});
