import { describe, expect, inject, test } from "vitest";
import { createClient } from "./create-client.ts";
import type { StreamStatus } from "./answer/stream-options.ts";
import { anyRequest } from "./testing/client-of.ts";
import { ask, gatewayCall } from "./testing/gateway-call.ts";
import { transports } from "./testing/transports.ts";

const { relayUrl } = inject("servers");

describe.each(transports)("over $name", ({ name, over }) => {
  /** A polled stream is accepted before the gateway has answered: a refusal is an event of it. */
  const statusOf = (status: number): number | undefined => (name === "polls" ? undefined : status);

  const client = createClient({ ...over(relayUrl), retry: false });

  test("an answer comes as the gateway cut it, in order, from connecting to done", async () => {
    const { question, request } = ask();
    const pieces: string[] = [];
    const statuses: StreamStatus[] = [];
    const stream = client.stream(request, {
      onToken: (text) => pieces.push(text),
      onStatus: (status) => statuses.push(status),
    });
    expect(stream.status).toBe("idle");
    const { text, reason } = await stream.result();
    const { sentText } = await gatewayCall({ question, state: "answered" });
    expect({ text, reason }).toEqual({ text: sentText, reason: "stop" });
    expect(pieces.join("")).toBe(sentText);
    expect(pieces.length).toBeGreaterThan(10);
    expect(statuses).toEqual(["connecting", "streaming", "done"]);
    expect(stream).toMatchObject({ text, status: "done" });
  });

  test("for await yields every event, from start to stop", async () => {
    const { question, request } = ask();
    const types: string[] = [];
    let text = "";
    for await (const event of client.stream(request)) {
      types.push(event.type);
      if (event.type === "token") text += event.content;
    }
    expect(types[0]).toBe("start");
    expect(types.at(-1)).toBe("stop");
    expect(new Set(types.slice(1, -1))).toEqual(new Set(["token"]));
    expect(text).toBe((await gatewayCall({ question, state: "answered" })).sentText);
  });

  test("leaving the loop disconnects: the gateway's answer is aborted", async () => {
    const { question, request } = ask("stall");
    const stream = client.stream(request);
    for await (const event of stream) {
      if (event.type === "token") break;
    }
    await gatewayCall({ question, state: "aborted" });
    expect(stream.status).toBe("cancelled");
  });

  test("an exception in the loop's body disconnects too", async () => {
    const { question, request } = ask("stall");
    const read = async () => {
      for await (const event of client.stream(request)) {
        if (event.type === "token") throw new Error("The page broke.");
      }
    };
    await expect(read()).rejects.toThrow("The page broke.");
    await gatewayCall({ question, state: "aborted" });
  });

  test("cancel while the gateway is silent aborts its call", async () => {
    const { question, request } = ask("silent");
    const stream = client.stream(request);
    await gatewayCall({ question, isAccepted: true });
    expect(stream.status).toBe("connecting");
    stream.cancel();
    expect(await stream.result()).toMatchObject({ text: "", reason: "cancelled" });
    await gatewayCall({ question, state: "aborted" });
  });

  test("cancel in the middle of an answer aborts the gateway's call and keeps the text", async () => {
    const { question, request } = ask("stall");
    const stream = client.stream(request, {
      onEvent: ({ type }) => {
        if (type === "token") stream.cancel();
      },
    });
    const { text, reason } = await stream.result();
    const { sentText } = await gatewayCall({ question, state: "aborted" });
    expect(reason).toBe("cancelled");
    expect(text).not.toBe("");
    expect(sentText.startsWith(text)).toBe(true);
  });

  test("the caller's signal aborts the gateway's call", async () => {
    const { question, request } = ask("stall");
    const leaving = new AbortController();
    const stream = client.stream(request, {
      signal: leaving.signal,
      onToken: () => leaving.abort(),
    });
    await expect(stream.result()).rejects.toMatchObject({ code: "aborted" });
    await gatewayCall({ question, state: "aborted" });
  });

  test("many streams at once keep their answers apart", async () => {
    const asked = Array.from({ length: 8 }, () => ask());
    const results = await Promise.all(asked.map(({ request }) => client.stream(request).result()));
    for (const [index, { question }] of asked.entries()) {
      const { sentText } = await gatewayCall({ question, state: "answered" });
      expect(results[index]?.text).toBe(sentText);
    }
  });

  test("the error of a refused request names the wrong field", async () => {
    const stream = client.stream({ ...anyRequest, messages: [] });
    await expect(stream.result()).rejects.toMatchObject({
      name: "StreamError",
      code: "invalid_request",
      message: expect.stringContaining("messages"),
      status: 400,
      retryable: false,
      requestId: expect.stringMatching(/.+/),
      text: "",
    });
  });

  test("a refusal of the gateway has the gateway's status", async () => {
    const stream = client.stream(ask("bad-request").request);
    await expect(stream.result()).rejects.toMatchObject({
      code: "gateway_rejected",
      status: statusOf(400),
    });
    expect(stream.status).toBe("error");
  });

  test("a rate limit says how long to wait", async () => {
    const stream = client.stream(ask("rate-limited-always").request);
    await expect(stream.result()).rejects.toMatchObject({
      code: "gateway_rate_limited",
      status: statusOf(429),
      retryable: true,
      retryAfterMs: expect.any(Number),
    });
  });

  test.each(["error-in-middle", "cut"])(
    "%s: the error event keeps the text that had come",
    async (scenario) => {
      const { question, request } = ask(scenario);
      const stream = client.stream(request);
      const { sentText } = await gatewayCall({ question, state: "answered" });
      await expect(stream.result()).rejects.toMatchObject({
        code: "gateway_interrupted",
        retryable: true,
        status: undefined,
        requestId: expect.stringMatching(/.+/),
        text: sentText,
      });
      expect(stream.text).toBe(sentText);
    },
  );

  test("an answer without the gateway's stop ends with reason eof", async () => {
    const { reason } = await client.stream(ask("no-stop").request).result();
    expect(reason).toBe("eof");
  });

  test("an event of a type that only the gateway knows is passed on whole", async () => {
    const events: object[] = [];
    const stream = client.stream(ask("unknown-type").request, {
      onEvent: (event) => events.push(event),
    });
    const { reason } = await stream.result();
    expect(reason).toBe("stop");
    expect(events).toContainEqual(
      expect.objectContaining({
        type: "citation",
        content: "Opening hours",
        url: "https://example.com/hours",
      }),
    );
  });

  test("a token of 200 KiB and twenty thousand short ones come whole", async () => {
    for (const [scenario, argument] of [
      ["big-token", ""],
      ["many-tokens", "20000"],
    ] as const) {
      const { question, request } = ask(scenario, argument);
      const { text } = await client.stream(request).result();
      const { sentText } = await gatewayCall({ question, state: "answered" });
      expect(text.length).toBeGreaterThan(100_000);
      expect(text === sentText).toBe(true);
    }
  });
});

test("a wrong base path is an error of the relay", async () => {
  const stray = createClient({ url: `${relayUrl}/elsewhere` });
  await expect(stray.stream(anyRequest).result()).rejects.toMatchObject({
    code: "not_found",
    status: 404,
  });
});
