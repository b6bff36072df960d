import { describe, expect, inject, test, vi } from "vitest";
import { createClient } from "../create-client.ts";
import type { StreamOptions } from "../answer/stream-options.ts";
import { anyRequest } from "../testing/client-of.ts";
import { ask, gatewayCall } from "../testing/gateway-call.ts";
import { createHandMadeAnswer } from "../testing/hand-made-answer.ts";
import { createHandMadeRelay, fails, sends, type Play } from "../testing/hand-made-relay.ts";
import { numberedText, start, stop, token } from "../testing/sse-text.ts";
import { createCurrentStream } from "./current-stream.ts";
import { manualFrames } from "./testing/manual-frames.ts";
import { until } from "./testing/until.ts";

const resumable = createClient({ url: inject("servers").relayUrl, resumable: true });
const says = (text: string) => sends(numberedText(1, start, token(text), stop));

function currentOf(...plays: readonly Play[]) {
  const relay = createHandMadeRelay(...plays);
  const client = createClient({ url: "/", fetch: relay.fetch, retry: false });
  return { current: createCurrentStream(client), relay };
}

const hasStatus =
  (wished: string) =>
  ({ status }: { readonly status: string }) =>
    status === wished;

test("one stream comes after the other, and never two at a time", async () => {
  const { current, relay } = currentOf(says("one"), fails(), says("two"));
  expect(current.getSnapshot()).toMatchObject({ text: "", status: "idle" });
  expect(current.start(anyRequest)).toBe(true);
  expect(current.start(anyRequest)).toBe(false);
  expect(current.resume({ streamId: "s-1", lastEventId: 0, text: "" })).toBe(false);
  expect(await until(current, hasStatus("done"))).toMatchObject({
    text: "one",
    status: "done",
    result: { text: "one", reason: "stop" },
  });
  expect(current.start(anyRequest)).toBe(true);
  expect(current.getSnapshot()).toMatchObject({ text: "", status: "connecting" });
  expect((await until(current, hasStatus("error"))).error?.code).toBe("network");
  expect(current.start(anyRequest)).toBe(true);
  expect(await until(current, hasStatus("done"))).toMatchObject({ text: "two" });
  expect(relay.requests).toHaveLength(3);
});

test("cancel keeps the text, and reset forgets it", async () => {
  const begun = sends(numberedText(1, start, token("Hel")), "hang");
  const { current } = currentOf(begun, begun);
  current.start(anyRequest);
  await until(current, ({ text }) => text === "Hel");
  current.cancel();
  expect(current.getSnapshot()).toMatchObject({
    status: "cancelled",
    result: { text: "Hel", reason: "cancelled" },
  });
  current.reset();
  expect(current.getSnapshot()).toMatchObject({ text: "", status: "idle" });
  current.start(anyRequest);
  const heard = vi.fn<() => void>();
  current.subscribe(heard);
  current.reset();
  expect(heard).toHaveBeenCalledOnce();
  expect(current.getSnapshot()).toMatchObject({ text: "", status: "idle" });
});

describe("dispose", () => {
  test("cancels the stream at the gateway", async () => {
    const { question, request } = ask("stall");
    const current = createCurrentStream(resumable, { onToken: () => current.dispose() });
    current.start(request);
    await gatewayCall({ question, state: "aborted" });
    expect(current.getSnapshot().checkpoint).toBeUndefined();
  });

  test("detaches it with onUnmount: detach, and resume continues it, here or by its checkpoint", async () => {
    const { question, request } = ask();
    const options: StreamOptions[] = [
      { onToken: () => current.dispose({ onUnmount: "detach" }) },
      {},
    ];
    const current = createCurrentStream(resumable, () => options[0] ?? {});
    current.start(request);
    const { checkpoint } = await until(current, hasStatus("cancelled"));
    if (checkpoint === undefined) throw new Error("There was no checkpoint.");
    options.shift();
    const { sentText } = await gatewayCall({ question, state: "answered" });
    const another = createCurrentStream(resumable);
    expect(another.resume(checkpoint)).toBe(true);
    expect((await until(another, hasStatus("done"))).text).toBe(sentText);
    expect(current.resume()).toBe(true);
    expect((await until(current, hasStatus("done"))).text).toBe(sentText);
    expect(current.resume()).toBe(false);
  });
});

describe("the snapshot", () => {
  const { pass, frame } = manualFrames();

  function subscribed() {
    const answer = createHandMadeAnswer();
    const current = createCurrentStream(createClient({ url: "/", fetch: answer.fetch }));
    const listener = vi.fn<() => void>();
    current.subscribe(listener);
    current.start(anyRequest);
    return { answer, current, listener };
  }

  test("is notified at the start, once a frame, and at the end", async () => {
    const { answer, current, listener } = subscribed();
    expect(listener).toHaveBeenCalledOnce();
    answer.send(start, ...Array.from({ length: 100 }, () => token("a")));
    await pass();
    expect(listener).toHaveBeenCalledOnce();
    expect(current.getSnapshot().text).toBe("");
    await frame();
    expect(listener).toHaveBeenCalledTimes(2);
    expect(current.getSnapshot().text).toBe("a".repeat(100));
    answer.send(token("b"), stop);
    await pass();
    expect(listener).toHaveBeenCalledTimes(3);
    expect(current.getSnapshot()).toMatchObject({ status: "done", text: `${"a".repeat(100)}b` });
    const snapshot = current.getSnapshot();
    await frame();
    expect(current.getSnapshot()).toBe(snapshot);
  });
});
