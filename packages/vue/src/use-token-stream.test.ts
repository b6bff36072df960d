import { createClient, type StreamRequest } from "@gatestream/client";
import { effectScope, shallowRef } from "vue";
import { describe, expect, test } from "vitest";
import { createCountingClient } from "../../client/src/conversation/testing/counting-client.ts";
import { ask, gatewayCall } from "../../client/src/testing/gateway-call.ts";
import { createHandMadeRelay, fails, sends } from "../../client/src/testing/hand-made-relay.ts";
import { nextTurn } from "../../client/src/testing/next-turn.ts";
import { numberedText, start, stop, token } from "../../client/src/testing/sse-text.ts";
import { mountComposable } from "./testing/mount-composable.ts";
import { useTokenStream, type UseTokenStreamOptions } from "./use-token-stream.ts";

const anyRequest: StreamRequest = {
  configurationId: "cfg-1",
  messages: [{ role: "user", content: "Hello" }],
};
const says = (text: string) => sends(numberedText(1, start, token(text), stop));

function mountStream(options: UseTokenStreamOptions = {}, { client } = createCountingClient()) {
  return mountComposable(
    () => useTokenStream(client, options),
    ({ text, status }) => `${status.value}: ${text.value}`,
  );
}

test("an answer is shown as it comes, with its result at the end", async () => {
  const { question, request } = ask();
  const { client, methods } = createCountingClient();
  const mounted = mountStream({}, { client, methods });
  const { text, result, error, start: startStream } = mounted.value;
  expect(mounted.shown).toBe("idle: ");
  startStream(request);
  expect(startStream(request)).toBe(false);
  await mounted.until(({ status }) => status.value === "done");
  const { sentText } = await gatewayCall({ question, state: "answered" });
  expect([text.value, error.value]).toEqual([sentText, undefined]);
  expect(result.value).toMatchObject({ text: sentText, reason: "stop" });
  expect(mounted.shown).toBe(`done: ${sentText}`);
  expect(methods).toEqual(["POST"]);
});

test("options may be a ref, and the last ones count", async () => {
  const heard: string[] = [];
  const { fetch } = createHandMadeRelay(says("one"));
  const options = shallowRef<UseTokenStreamOptions>({ onDone: () => heard.push("first") });
  const mounted = mountComposable(
    () => useTokenStream(createClient({ url: "/", fetch }), options),
    ({ text }) => text.value,
  );
  mounted.value.start(anyRequest);
  options.value = { onDone: ({ text }) => heard.push(`second: ${text}`) };
  await mounted.until(({ status }) => status.value === "done");
  await nextTurn();
  expect(heard).toEqual(["second: one"]);
});

describe("a component that is gone", () => {
  test("ends its answer at the gateway", async () => {
    const { question, request } = ask("stall");
    const mounted = mountStream();
    mounted.value.start(request);
    await mounted.until(({ text }) => text.value !== "");
    mounted.unmount();
    await gatewayCall({ question, state: "aborted" });
  });

  test("detaches its answer with onUnmount: detach, and another component resumes it", async () => {
    const kept = { ...start, resumable: true };
    const relay = createHandMadeRelay(
      sends(numberedText(1, kept, token("Hel")), "hang"),
      sends(numberedText(2, kept, token("lo"), stop)),
    );
    const client = createClient({ url: "/", fetch: relay.fetch, resumable: true });
    const mounted = mountStream({ onUnmount: "detach" }, { client, methods: [] });
    mounted.value.start(anyRequest);
    await mounted.until(({ text }) => text.value !== "");
    const checkpoint = mounted.value.checkpoint.value;
    if (checkpoint === undefined) throw new Error("There was no checkpoint.");
    mounted.unmount();
    const other = mountStream({}, { client, methods: [] });
    other.value.resume(checkpoint);
    await other.until(({ status }) => status.value === "done");
    expect(other.value.text.value).toBe("Hello");
    expect(relay.requests.map(({ method }) => method)).toEqual(["POST", "GET"]);
  });
});

test("a scope without a component ends its answer too", async () => {
  const { question, request } = ask("stall");
  const scope = effectScope();
  const { client } = createCountingClient();
  const stream = scope.run(() => useTokenStream(client, { onToken: () => scope.stop() }));
  stream?.start(request);
  await gatewayCall({ question, state: "aborted" });
  expect(stream?.status.value).toBe("cancelled");
});

test("an error is shown with what had come, and reset forgets both", async () => {
  const mounted = mountStream();
  const { text, error, reset } = mounted.value;
  mounted.value.start(ask("cut").request);
  await mounted.until(({ status }) => status.value === "error");
  expect(error.value).toMatchObject({ code: "gateway_interrupted", text: text.value });
  expect(text.value).not.toBe("");
  reset();
  expect([text.value, error.value]).toEqual(["", undefined]);
});

test("a failure to ask is shown, and may be followed by another try", async () => {
  const { fetch } = createHandMadeRelay(fails(), says("Hello"));
  const client = createClient({ url: "/", fetch, retry: false });
  const mounted = mountStream({}, { client, methods: [] });
  mounted.value.start(anyRequest);
  await mounted.until(({ status }) => status.value === "error");
  expect(mounted.value.error.value?.code).toBe("network");
  mounted.value.start(anyRequest);
  await mounted.until(({ status }) => status.value === "done");
  expect(mounted.value.text.value).toBe("Hello");
});

test("cancel ends the answer here and at the gateway, and keeps its text", async () => {
  const { question, request } = ask("stall");
  const mounted = mountStream();
  mounted.value.start(request);
  await mounted.until(({ text }) => text.value !== "");
  const { text, status, result, cancel } = mounted.value;
  cancel();
  expect([status.value, result.value]).toMatchObject([
    "cancelled",
    { text: text.value, reason: "cancelled" },
  ]);
  await gatewayCall({ question, state: "aborted" });
});
