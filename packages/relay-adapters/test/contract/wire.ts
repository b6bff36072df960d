import type { ClientRequest } from "node:http";
import { text } from "node:stream/consumers";
import { createRelay } from "@gatestream/relay";
import { ask, replyTo, responseTo, textUntil } from "@gatestream/testing/ask";
import { startRelay, type RelayUnderTestOptions } from "@gatestream/testing/relay-under-test";
import { expect, test } from "vitest";
import type { AdapterKind, AdapterRequest } from "../describe-adapter.ts";
import { expectOneEnd } from "./frames.ts";
import { readSse, type Frame } from "./read-frames.ts";

export function sendTo(
  url: string,
  { method = "POST", path, headers = {}, body }: AdapterRequest,
): ClientRequest {
  return ask(`${url}/api/llm${path}`, body, { method, headers });
}

export function testWire(kind: AdapterKind): void {
  const read = kind.readFrames ?? readSse;
  const { heartbeat, mediaType } = kind.createFormat();
  const textIn = (frames: readonly Frame[]): string =>
    frames.map(({ value }) => kind.textIn(value)).join("");

  async function start(options: RelayUnderTestOptions = {}) {
    const under = await startRelay({ adapters: [kind.adapter], ...options });
    const send = (request: AdapterRequest) => sendTo(under.url, request);
    const chat = () =>
      under.emulator.waitFor((call) => call.kind === "chat" && call.state !== "open");
    return Object.assign(under, { send, chat });
  }

  /** An answer of which eight tokens have come, and nothing comes after them. */
  async function startStalled(options: RelayUnderTestOptions = {}) {
    const under = await start({ emulator: { scenario: "stall" }, ...options });
    const response = await responseTo(under.send(kind.ask("Hello")));
    const before = await textUntil(response, (soFar) => textIn(read(soFar)).includes("works"));
    return Object.assign(under, { response, before });
  }

  test("has the media type, and the text as the gateway sent it", async () => {
    await using under = await start();
    const { status, headers, text: body } = await replyTo(under.send(kind.ask("Hello 🥐")));
    expect([status, headers["content-type"]]).toEqual([200, mediaType]);
    expect(expectOneEnd(kind, read(body))).toBe("whole");
    expect(textIn(read(body))).toBe((await under.chat()).sentText);
  });

  test("shows that it lives before the first token, and in each silence after it", async () => {
    const lively = { heartbeatMs: 100, firstByteGraceMs: 0 };
    await using silent = await start({ ...lively, emulator: { scenario: "silent" } });
    await using stalled = await startStalled(lively);
    const beats = (soFar: string): boolean => soFar.split(heartbeat).length > 2;
    const [early, late] = await Promise.all([
      responseTo(silent.send(kind.ask("Hello"))).then((response) => textUntil(response, beats)),
      textUntil(stalled.response, beats),
    ]);
    expect(textIn(read(early))).toBe("");
    expect(textIn(read(stalled.before + late))).toBe(textIn(read(stalled.before)));
  });

  test.each(["cut", "error-in-middle", "huge-line", "stall"] as const)(
    "ends as failed where the gateway's answer breaks off: %s",
    async (scenario) => {
      await using under = await start({ emulator: { scenario }, idleTimeoutMs: 100 });
      const { text: body } = await replyTo(under.send(kind.ask("Hello")));
      expect(expectOneEnd(kind, read(body))).toBe("failed");
    },
  );

  test("is a refusal in the format's own words where there is no answer", async () => {
    await using under = await start({ allowedConfigurations: ["cfg-1"] });
    const { path, headers = {} } = kind.ask("Hello");
    const replies = await Promise.all([
      replyTo(under.send(kind.ask("/scenario bad-request"))),
      replyTo(under.send({ path, headers, body: "{" })),
      replyTo(under.send({ path, headers, body: [] })),
    ]);
    for (const { status, headers: got, text: body } of replies) {
      expect(status).toBe(400);
      expect(got["content-type"]).toMatch(/^application\/json/);
      expect(got["x-request-id"]).toMatch(/./);
      expect([body, kind.isRefusal(JSON.parse(body))]).toEqual([body, true]);
    }
    const { status } = await replyTo(
      ask(`${under.url}/api/llm${path}`, undefined, { method: "PATCH" }),
    );
    expect(status).toBe(405);
  });

  test("whose client leaves aborts the gateway's request", async () => {
    await using under = await startStalled();
    under.response.destroy();
    expect(await under.chat()).toMatchObject({ state: "aborted" });
    expect(await under.untilObserved("stream_ended")).toMatchObject({
      ending: "cancelled",
      readerLeft: true,
    });
  });

  test("has one end where its answer is cancelled by another request", async () => {
    await using under = await startStalled();
    const streamId = String(under.response.headers["x-stream-id"]);
    const rest = text(under.response);
    await replyTo(ask(`${under.streamUrl}/${streamId}`, undefined, { method: "DELETE" }));
    expectOneEnd(kind, read(under.before + (await rest)));
    expect(await under.chat()).toMatchObject({ state: "aborted" });
  });

  test("ends as failed where the relay stops", async () => {
    await using under = await startStalled();
    const rest = text(under.response);
    await under.relay.close();
    expect(expectOneEnd(kind, read(under.before + (await rest)))).toBe("failed");
  });

  test("that is not read makes the gateway wait, and then ends as failed", async () => {
    let sentCount = 0;
    let onEnded = (): void => {};
    const ended = new Promise<void>((resolve) => (onEnded = resolve));
    async function* answer() {
      const content = "x".repeat(65_536);
      try {
        for (; sentCount < maxCount; sentCount += 1) {
          yield [{ type: "token", content, index: sentCount } as const];
        }
      } finally {
        onEnded();
      }
    }
    // More than the system takes for a reader, by far.
    const maxCount = 4_000;
    const relay = createRelay({
      provider: { name: "own", open: async () => answer(), async close() {} },
      adapters: [kind.adapter],
      port: 0,
      shutdownGraceMs: 0,
      maxBufferedBytes: 65_536,
      slowConsumerTimeoutMs: 200,
    });
    const { url } = await relay.listen();
    const response = await responseTo(sendTo(url, kind.ask("Hello")));
    await ended;
    expect(sentCount).toBeLessThan(maxCount / 4);
    const received = await text(response).catch(() => "");
    expect(read(received).map(({ value }) => kind.endIn(value))).not.toContain("whole");
    await relay.close();
  });
}
