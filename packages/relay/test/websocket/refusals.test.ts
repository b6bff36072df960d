import { describe, expect, test } from "vitest";
import { question } from "@gatestream/testing/ask";
import { startRelay } from "@gatestream/testing/relay-under-test";
import { openPage } from "@gatestream/testing/socket-page";
import { startWatchedRelay } from "@gatestream/testing/watched-relay";

const isChat = ({ kind }: { kind: string }): boolean => kind === "chat";

describe("refusals", () => {
  test.each([
    ["start", { body: { messages: [] } }, 400, "invalid_request"],
    ["start", { body: question("/scenario bad-request") }, 400, "gateway_rejected"],
    ["start", { body: { ...question("x"), configurationId: "no" } }, 403, "forbidden"],
    ["start", {}, 400, "invalid_request"],
    ["follow", { streamId: "nobody-knows" }, 404, "stream_not_found"],
    ["follow", { streamId: "../../x" }, 400, "invalid_request"],
    ["follow", { streamId: "x", after: -1 }, 400, "invalid_request"],
    ["follow", {}, 400, "invalid_request"],
    ["cancel", { streamId: "nobody-knows" }, 404, "stream_not_found"],
    ["swim", {}, 400, "invalid_request"],
  ])("%s %j is refused with %d %s", async (op, fields, status, code) => {
    await using under = await startRelay({ allowedConfigurations: ["cfg-1"] });
    using page = await openPage(under.url);
    page.webSocket.send(JSON.stringify({ op, ref: "a", ...fields }));
    expect(await page.untilEnd("a")).toEqual({
      type: "error",
      ref: "a",
      status,
      code,
      message: expect.stringMatching(/^\w.*\w/),
      retryable: false,
      requestId: expect.stringMatching(/\.1$/),
    });
    // The ref is free, and the socket is unharmed.
    page.send({ op: "start", ref: "a", body: question("/scenario many-tokens 2") });
    await page.until(({ type }) => type === "stop");
  });

  test("one subject's limit counts each start, not the socket", async () => {
    await using under = await startRelay({ requestsPerMinutePerSubject: 2 });
    using page = await openPage(under.url);
    for (const ref of ["a", "b", "c"]) {
      page.send({ op: "start", ref, body: question("/scenario many-tokens 2") });
    }
    expect(await page.untilEnd("c")).toMatchObject({
      status: 429,
      code: "rate_limited",
      retryAfterMs: expect.any(Number),
    });
    expect([await page.untilEnd("a"), await page.untilEnd("b")]).toMatchObject([
      { type: "stop" },
      { type: "stop" },
    ]);
  });

  test("one subject's streams at once are counted over the socket too", async () => {
    await using under = await startRelay({
      maxStreamsPerSubject: 1,
      emulator: { scenario: "stall" },
    });
    using page = await openPage(under.url);
    page.send({ op: "start", ref: "a", body: question("Hello") });
    await page.until(({ type }) => type === "token");
    page.send({ op: "start", ref: "b", body: question("Hello") });
    expect(await page.untilEnd("b")).toMatchObject({ status: 429, code: "rate_limited" });
    page.send({ op: "leave", ref: "a" });
    await under.untilObserved("stream_ended");
    page.send({ op: "start", ref: "c", body: question("/scenario many-tokens 2") });
    expect(await page.untilEnd("c")).toMatchObject({ type: "stop" });
  });

  test("the 257th stream at once is refused, the others go on", async () => {
    await using under = await startRelay({ emulator: { scenario: "silent" } });
    using page = await openPage(under.url);
    for (let index = 0; index <= 256; index += 1) {
      page.send({ op: "start", ref: `${index}`, body: question("Hello") });
    }
    expect(await page.until(({ type }) => type === "error")).toMatchObject({
      ref: "256",
      status: 429,
      code: "rate_limited",
    });
    expect(page.frames).toHaveLength(1);
  });

  test("a ref that is in use is refused without it: its stream goes on", async () => {
    await using under = await startRelay({ emulator: { scenario: "stall" } });
    using page = await openPage(under.url);
    page.send({ op: "start", ref: "a", body: question("Hello") });
    page.send({ op: "start", ref: "a", body: question("Hello") });
    page.send({ op: "cancel", ref: "a", streamId: "other" });
    const refusal = await page.until(({ status }) => status === 400);
    expect(refusal).toMatchObject({ code: "invalid_request", message: "This ref is in use." });
    expect(refusal.ref).toBeUndefined();
    await page.until(({ type }) => type === "token");
    expect(under.emulator.calls.filter(isChat)).toHaveLength(1);
  });
});

describe("what is no frame", () => {
  test.each(["x", "[]", "null", "{}", '{"op":"start"}', '{"op":"leave","ref":""}'])(
    "%s is refused without a ref",
    async (text) => {
      await using under = await startRelay();
      using page = await openPage(under.url);
      page.webSocket.send(text);
      const refusal = await page.until(({ type }) => type === "error");
      expect(refusal).toMatchObject({ status: 400, code: "invalid_request" });
      expect(refusal.ref).toBeUndefined();
    },
  );

  test("too much of it closes the socket with 4400, and aborts its streams", async () => {
    await using under = await startWatchedRelay({ emulator: { scenario: "stall" } });
    using page = await openPage(under.url);
    page.send({ op: "start", ref: "a", body: question("Hello") });
    await page.until(({ type }) => type === "token");
    for (let index = 0; index < 15; index += 1) page.webSocket.send("x");
    await page.until(() => page.frames.filter(({ status }) => status === 400).length === 15);
    expect(page.webSocket.readyState).toBe(page.webSocket.OPEN);
    page.webSocket.send("x");
    expect(await page.closed).toEqual([4400, "Too much of what was sent is no frame."]);
    await under.untilNothingLeft();
  });

  test("bytes close the socket with 1003, more than maxBodyBytes with 1009", async () => {
    await using under = await startRelay({ maxBodyBytes: 1_024 });
    using binary = await openPage(under.url);
    binary.webSocket.send(Buffer.from('{"op":"leave","ref":"a"}'));
    expect((await binary.closed)[0]).toBe(1003);
    using large = await openPage(under.url);
    large.webSocket.send("x".repeat(1_025));
    expect((await large.closed)[0]).toBe(1009);
  });
});
