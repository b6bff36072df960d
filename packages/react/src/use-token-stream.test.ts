import { createClient, type StreamRequest } from "@gatestream/client";
import { useEffect } from "react";
import { describe, expect, test } from "vitest";
import { createCountingClient } from "../../client/src/conversation/testing/counting-client.ts";
import { ask, gatewayCall } from "../../client/src/testing/gateway-call.ts";
import { createHandMadeRelay, fails, sends } from "../../client/src/testing/hand-made-relay.ts";
import { numberedText, start, stop, token } from "../../client/src/testing/sse-text.ts";
import { renderHook } from "./testing/render-hook.ts";
import { useTokenStream, type UseTokenStreamOptions } from "./use-token-stream.ts";

const anyRequest: StreamRequest = {
  configurationId: "cfg-1",
  messages: [{ role: "user", content: "Hello" }],
};
const says = (text: string) => sends(numberedText(1, start, token(text), stop));

function renderStream(options: UseTokenStreamOptions = {}) {
  const { client, methods } = createCountingClient();
  return { methods, hook: renderHook(() => useTokenStream(client, options), { props: {} }) };
}

test("an answer is rendered as it comes, with its result at the end", async () => {
  const { question, request } = ask();
  const { hook } = renderStream();
  expect(hook.current).toMatchObject({ text: "", status: "idle" });
  hook.current.start(request);
  expect(hook.current.start(request)).toBe(false);
  const { text, result, error } = await hook.until(({ status }) => status === "done");
  const { sentText } = await gatewayCall({ question, state: "answered" });
  expect({ text, result, error }).toMatchObject({
    text: sentText,
    result: { text, reason: "stop" },
  });
});

test("StrictMode, which mounts everything twice, asks the gateway once", async () => {
  const { question, request } = ask();
  const { client, methods } = createCountingClient();
  const hook = renderHook(
    () => {
      const stream = useTokenStream(client);
      const { start: startStream } = stream;
      useEffect(() => {
        startStream(request);
      }, [startStream]);
      return stream;
    },
    { props: {}, isStrict: true },
  );
  await hook.until(({ status }) => status === "done");
  await gatewayCall({ question, state: "answered" });
  expect(methods).toEqual(["POST"]);
});

test("options and clients that are new in each render disturb nothing, and the last ones count", async () => {
  const heard: string[] = [];
  const relays = [createHandMadeRelay(says("one")), createHandMadeRelay(says("two"))];
  const hook = renderHook(
    ({ index }) => {
      const client = createClient({ url: "/", fetch: relays[index]?.fetch });
      return useTokenStream(client, { onDone: ({ text }) => heard.push(`${index}: ${text}`) });
    },
    { props: { index: 0 } },
  );
  const { start: startStream, cancel, resume, reset } = hook.current;
  startStream(anyRequest);
  hook.rerender({ index: 1 });
  await hook.until(({ text }) => text === "one");
  startStream(anyRequest);
  await hook.until(({ text, status }) => text === "two" && status === "done");
  expect(hook.current).toMatchObject({ start: startStream, cancel, resume, reset });
  expect(heard).toEqual(["1: one", "1: two"]);
});

describe("a component that is gone", () => {
  test("ends its answer at the gateway", async () => {
    const { question, request } = ask("stall");
    const { hook } = renderStream();
    hook.current.start(request);
    await hook.until(({ text }) => text !== "");
    hook.unmount();
    await gatewayCall({ question, state: "aborted" });
  });

  test("detaches its answer with onUnmount: detach, and another component resumes it", async () => {
    const kept = { ...start, resumable: true };
    const relay = createHandMadeRelay(
      sends(numberedText(1, kept, token("Hel")), "hang"),
      sends(numberedText(2, kept, token("lo"), stop)),
    );
    const client = createClient({ url: "/", fetch: relay.fetch, resumable: true });
    const render = () =>
      renderHook(() => useTokenStream(client, { onUnmount: "detach" }), { props: {} });
    const hook = render();
    hook.current.start(anyRequest);
    const { checkpoint } = await hook.until(({ text }) => text !== "");
    if (checkpoint === undefined) throw new Error("There was no checkpoint.");
    hook.unmount();
    const other = render();
    other.current.resume(checkpoint);
    expect((await other.until(({ status }) => status === "done")).text).toBe("Hello");
    expect(relay.requests.map(({ method }) => method)).toEqual(["POST", "GET"]);
  });
});

test("an error is rendered with what had come, and reset forgets both", async () => {
  const hook = renderStream().hook;
  hook.current.start(ask("cut").request);
  const { text, error } = await hook.until(({ status }) => status === "error");
  expect(error).toMatchObject({ code: "gateway_interrupted", text });
  expect(text).not.toBe("");
  hook.current.reset();
  const fresh = await hook.until(({ status }) => status === "idle");
  expect([fresh.text, fresh.error]).toEqual(["", undefined]);
});

test("a failure to ask is rendered, and may be followed by another try", async () => {
  const { fetch } = createHandMadeRelay(fails(), says("Hello"));
  const client = createClient({ url: "/", fetch, retry: false });
  const hook = renderHook(() => useTokenStream(client), { props: {} });
  hook.current.start(anyRequest);
  expect((await hook.until(({ status }) => status === "error")).error?.code).toBe("network");
  hook.current.start(anyRequest);
  expect((await hook.until(({ status }) => status === "done")).text).toBe("Hello");
});

test("cancel ends the answer here and at the gateway, and keeps its text", async () => {
  const { question, request } = ask("stall");
  const { hook } = renderStream();
  hook.current.start(request);
  const { text } = await hook.until((stream) => stream.text !== "");
  hook.current.cancel();
  expect(await hook.until(({ status }) => status === "cancelled")).toMatchObject({
    result: { reason: "cancelled", text: expect.stringContaining(text) },
  });
  await gatewayCall({ question, state: "aborted" });
});
