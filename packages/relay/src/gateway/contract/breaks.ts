import { isTerminal } from "@gatestream/protocol";
import { expect, test } from "vitest";
import { readAll } from "../testing/upstream-responses.ts";
import { startRawGateway } from "../testing/servers.ts";
import { startEmulator } from "../testing/start-emulator.ts";
import { firstResponse } from "../testing/upstream-under-test.ts";
import { chatsOf, isChat, stop, textOf, type ProviderKind } from "./provider-kind.ts";

export function testBreaks(kind: ProviderKind): void {
  test.each(["cut", "error-in-middle"] as const)(
    "no retry after partial output: %s is an interruption behind the tokens, asked once",
    async (scenario) => {
      const { emulator, url } = await startEmulator({ scenario });
      const provider = kind.at(url);
      const { events, failure } = await provider.ask();
      expect(failure).toMatchObject({ code: "gateway_interrupted", retryable: true });
      const [chat] = chatsOf(emulator.calls);
      expect(textOf(events)).toBe(chat?.sentText);
      expect(textOf(events)).not.toBe("");
      expect(events.some(isTerminal)).toBe(false);
      expect(chatsOf(emulator.calls)).toHaveLength(1);
      expect(provider.observed.map(({ type }) => type)).toEqual(["upstream_answered"]);
    },
  );

  test("an error in the middle is reported with the upstream's code, without its sentence", async () => {
    const { url } = await startEmulator({ scenario: "error-in-middle" });
    expect(await kind.at(url).failureOf()).toMatchObject({
      message: expect.stringMatching(
        /^The gateway reported an error in the middle of the answer \(code [\w.]+\)\.$/,
      ),
    });
  });

  test("an EOF without a terminal event is never a success", async () => {
    for (const scenario of ["no-stop", "empty"] as const) {
      const { url } = await startEmulator({ scenario });
      const { events, failure } = await kind.at(url).ask();
      const isFailure = kind.endsEarlyWith !== "eof";
      expect(failure).toEqual(
        isFailure ? expect.objectContaining({ code: kind.endsEarlyWith }) : undefined,
      );
      expect(events.filter(isTerminal)).toEqual(isFailure ? [] : [{ type: "stop", reason: "eof" }]);
    }
  });

  test("a line of more than a mebibyte ends the answer behind what had come", async () => {
    const { emulator, url } = await startEmulator({ scenario: "huge-line" });
    const { events, failure } = await kind.at(url).ask();
    expect(failure).toMatchObject({
      code: "gateway_protocol_error",
      message: expect.stringContaining("longer than 1048576 bytes"),
    });
    expect(textOf(events)).not.toBe("");
    const chat = await emulator.waitFor((call) => isChat(call) && call.sentText.length > 1_048_576);
    expect(chat.sentText.startsWith(textOf(events))).toBe(true);
  });

  test.each([
    ["silent", "firstByteTimeoutMs", "to begin its answer"],
    ["slow-headers", "firstByteTimeoutMs", "to begin its answer"],
    ["slow-first-token", "firstByteTimeoutMs", "to begin its answer"],
    ["stall", "idleTimeoutMs", "between two pieces"],
    ["stall", "totalTimeoutMs", "for the whole answer"],
  ] as const)(
    "a separate limit for every silence, reported by its name: %s, %s",
    async (scenario, name, meaning) => {
      const { emulator, url } = await startEmulator({ scenario, slowFirstTokenMs: 60_000 });
      const provider = kind.at(url, { [name]: 80 });
      expect(await provider.failureOf()).toMatchObject({
        code: "gateway_timeout",
        message: `The gateway took longer than 80 ms ${meaning} (${name}).`,
      });
      await emulator.waitFor((call) => isChat(call) && call.state === "aborted");
      expect(chatsOf(emulator.calls)).toHaveLength(1);
    },
  );

  test("an upstream that does not close after its terminal is left, and the answer has its stop", async () => {
    const { promise, answer } = firstResponse();
    await using server = await startRawGateway(answer);
    const opening = kind.at(server.url).open();
    const response = await promise;
    const closed = new Promise((resolve) => response.once("close", resolve));
    response.setHeader("content-type", kind.wire.contentType);
    response.write(kind.wire.end);
    const { items } = await readAll(await opening);
    expect(items).toEqual([[stop]]);
    const goOn = (): void => void (response.write(" ".repeat(16_384)) && setImmediate(goOn));
    response.on("drain", goOn);
    goOn();
    await closed;
  });

  test("closing fails the answers that still run, and the upstream sees the close", async () => {
    const { emulator, url } = await startEmulator({ scenario: "stall" });
    const provider = kind.at(url);
    const reading = readAll(await provider.open());
    await provider.close();
    expect((await reading).failure).toMatchObject({ code: "gateway_interrupted" });
    await emulator.waitFor((call) => isChat(call) && call.state === "aborted");
  });

  test("closing refuses those who wait for their turn", async () => {
    const { emulator, url } = await startEmulator({ scenario: "stall" });
    const provider = kind.at(url, { maxConcurrentStreams: 1 });
    const first = await provider.open();
    const waiting = provider.open();
    const refused = expect(waiting).rejects.toMatchObject({ code: "relay_draining" });
    const reading = readAll(first);
    await provider.close();
    await refused;
    await reading;
    await expect(provider.open()).rejects.toMatchObject({ code: "relay_draining" });
    expect(chatsOf(emulator.calls)).toHaveLength(1);
  });
}
