import type { ScenarioName } from "@gatestream/emulator";
import { getEventListeners, once } from "node:events";
import { expect, test } from "vitest";
import { readAll } from "../testing/upstream-responses.ts";
import { startRawGateway, writeUntilBlocked } from "../testing/servers.ts";
import { startEmulator } from "../testing/start-emulator.ts";
import { firstResponse } from "../testing/upstream-under-test.ts";
import { chatsOf, isChat, stop, type ProviderKind } from "./provider-kind.ts";

const reason = "the reader left";

export function testLeaving(kind: ProviderKind): void {
  async function start(scenario: ScenarioName, change = {}) {
    const { emulator, url } = await startEmulator({ scenario, slowFirstTokenMs: 60_000 });
    const leaving = new AbortController();
    return { emulator, provider: kind.at(url, change), leaving, signal: leaving.signal };
  }

  test("before it has asked: nothing is sent", async () => {
    const { emulator, provider } = await start("answer");
    await expect(provider.open({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await provider.ask();
    expect(chatsOf(emulator.calls)).toHaveLength(1);
  });

  test("while it waits in the queue: the upstream is never called", async () => {
    const { emulator, provider, leaving, signal } = await start("stall", {
      maxConcurrentStreams: 1,
    });
    const first = new AbortController();
    const running = readAll(await provider.open({ signal: first.signal }));
    const waiting = provider.open({ signal });
    expect(provider.positions).toEqual([1]);
    leaving.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(getEventListeners(signal, "abort")).toEqual([]);
    first.abort(reason);
    await running;
    expect(chatsOf(emulator.calls)).toHaveLength(1);
  });

  test("while it waits to try again: there is no second try", async () => {
    const { emulator, provider, leaving, signal } = await start("rate-limited-always");
    const opening = provider.open({ signal });
    await provider.firstFailure;
    leaving.abort(reason);
    await expect(opening).rejects.toBe(reason);
    expect(chatsOf(emulator.calls)).toHaveLength(1);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("before the upstream's headers: the upstream connection is closed", async () => {
    const { emulator, provider, leaving, signal } = await start("silent");
    const opening = provider.open({ signal });
    await emulator.waitFor(({ scenario }) => scenario === "silent");
    leaving.abort(reason);
    await expect(opening).rejects.toBe(reason);
    const call = await emulator.waitFor((each) => isChat(each) && each.state === "aborted");
    expect(call.status).toBeUndefined();
  });

  test("before the first token: the upstream connection is closed", async () => {
    const { emulator, provider, leaving, signal } = await start("slow-first-token");
    const reading = readAll(await provider.open({ signal }));
    leaving.abort(reason);
    expect(await reading).toEqual({ items: [], failure: reason });
    const call = await emulator.waitFor((each) => isChat(each) && each.state === "aborted");
    expect(call).toMatchObject({ status: 200, sentText: "" });
  });

  test("in the middle: the upstream connection is closed", async () => {
    const { emulator, provider, leaving, signal } = await start("stall");
    const answer = await provider.open({ signal });
    const { failure } = await readAll(
      (async function* () {
        for await (const batch of answer) {
          yield batch;
          leaving.abort(reason);
        }
      })(),
    );
    expect(failure).toBe(reason);
    await emulator.waitFor((call) => isChat(call) && call.state === "aborted");
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("while the upstream's writes are blocked: the upstream connection is closed", async () => {
    const { promise, answer } = firstResponse();
    await using server = await startRawGateway(answer);
    const leaving = new AbortController();
    const opening = kind.at(server.url).open({ signal: leaving.signal });
    const response = await promise;
    const closed = once(response, "close");
    response.setHeader("content-type", kind.wire.contentType);
    response.flushHeaders();
    const unread = await opening;
    const piece = Buffer.from(kind.wire.token("x".repeat(1000)).repeat(200));
    const maxBytes = 64 * 1024 * 1024;
    const blocked = await writeUntilBlocked(response, { piece, maxBytes, quietMs: 200 });
    expect(blocked).toBeDefined();
    leaving.abort(reason);
    await closed;
    // What had arrived before is there; then comes why there is no more.
    expect((await readAll(unread)).failure).toBe(reason);
  });

  test("one reader's leaving does not disturb the others", async () => {
    const { emulator, provider, leaving, signal } = await start("silent");
    const opening = provider.open({ signal });
    const stays = provider.ask({ question: "/scenario answer Hello" });
    await emulator.waitFor(({ scenario }) => scenario === "silent");
    leaving.abort(reason);
    await expect(opening).rejects.toBe(reason);
    expect((await stays).events.at(-1)).toMatchObject(stop);
  });
}
