import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { expect, test } from "vitest";
import { question } from "@gatestream/testing/ask";
import { startRelay, type RelayUnderTest } from "@gatestream/testing/relay-under-test";
import { openPage } from "@gatestream/testing/socket-page";

const maxBufferedBytes = 2 * 1024 * 1024;
const refs = ["a", "b", "c", "d", "e", "f", "g", "h"];
/** Of each stream a batch may come on top: what two reads of the gateway become as frames. */
const slackBytes = refs.length * 448 * 1024;
const endless = question("/scenario many-tokens 1000000");

/** A server of its own, to look at what waits in its socket; `await using` closes it. */
async function startHostWithSockets({ relay }: RelayUnderTest) {
  const sockets: Duplex[] = [];
  const server = createServer(relay.handler);
  server.on("upgrade", (request, socket, head) => {
    sockets.push(socket);
    relay.upgrade(request, socket, head);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("a page that stops reading makes the gateway wait, and is closed with 4408 in the end", async () => {
  await using under = await startRelay({ maxBufferedBytes, slowConsumerTimeoutMs: 5_000 });
  await using host = await startHostWithSockets(under);
  using page = await openPage(host.url);
  page.webSocket.pause();
  for (const ref of refs) page.send({ op: "start", ref, body: endless });
  let mostWaiting = 0;
  const isOver = ({ kind, state }: { kind: string; state: string }): boolean => {
    mostWaiting = Math.max(mostWaiting, host.sockets[0]?.writableLength ?? 0);
    return kind === "chat" && state === "aborted";
  };
  const call = await under.emulator.waitFor(isOver);
  expect(call.sentText.endsWith("999999 ")).toBe(false);
  expect(mostWaiting).toBeGreaterThan(maxBufferedBytes);
  expect(mostWaiting).toBeLessThan(maxBufferedBytes + slackBytes);
  const isOpen = ({ state }: { state: string }): boolean => state === "open";
  if (under.emulator.calls.some(isOpen)) {
    await under.emulator.waitFor(() => !under.emulator.calls.some(isOpen));
  }

  // It reads on: what waited is there, without a hole, and why nothing follows.
  page.webSocket.resume();
  expect(await page.closed).toEqual([4408, "The page did not read in time."]);
  for (const ref of refs) {
    const ids = page.framesOf(ref).flatMap(({ id }) => id ?? []);
    expect(ids.length).toBeGreaterThan(100);
    expect(ids).toEqual(ids.map((_, index) => index + 1));
  }
  const errors = under.observed.flatMap((event) =>
    event.type === "stream_ended" ? event.error?.code : [],
  );
  expect(errors).toContain("slow_consumer");
});

test("a page that pauses and reads on in time gets the whole of each answer", async () => {
  await using under = await startRelay({ maxBufferedBytes: 16 * 1024 });
  using page = await openPage(under.url);
  page.webSocket.pause();
  for (const ref of ["a", "b"]) {
    page.send({ op: "start", ref, body: question("/scenario many-tokens 100000") });
  }
  await under.emulator.waitFor(({ sentText }) => sentText.length > 100_000);
  page.webSocket.resume();
  for (const ref of ["a", "b"]) {
    expect(await page.untilEnd(ref)).toMatchObject({ type: "stop", id: 100_001 });
    const ids = page.framesOf(ref).flatMap(({ id }) => id ?? []);
    expect(ids).toEqual(ids.map((_, index) => index + 1));
  }
});

test("a stream with much to say holds up another one by no more than what may wait", async () => {
  await using under = await startRelay({ maxBufferedBytes, slowConsumerTimeoutMs: 600_000 });
  await using host = await startHostWithSockets(under);
  using page = await openPage(host.url);
  page.send({ op: "start", ref: "much", body: endless });
  await page.until(({ id }) => id === 1_000);
  page.webSocket.pause();
  await under.emulator.waitFor(() => (host.sockets[0]?.writableLength ?? 0) > maxBufferedBytes);
  page.send({ op: "start", ref: "little", body: question("/scenario many-tokens 3") });
  await under.emulator.waitFor(({ sentText }) => sentText === "0 1 2 ");
  page.webSocket.resume();
  const first = await page.until(({ ref }) => ref === "little");
  // What the system has taken of it comes first: far from all of it.
  expect(page.frames.indexOf(first)).toBeLessThan(200_000);
  expect(page.framesOf("much").some(({ type }) => type === "stop")).toBe(false);
});

test("while too much waits no more streams begin, but one may still be cancelled", async () => {
  await using under = await startRelay({ maxBufferedBytes: 16 * 1024 });
  await using host = await startHostWithSockets(under);
  using page = await openPage(host.url);
  page.webSocket.pause();
  page.send({ op: "start", ref: "a", body: endless });
  await under.emulator.waitFor(() => (host.sockets[0]?.writableLength ?? 0) > 32 * 1024);
  page.send({ op: "start", ref: "b", body: endless });
  page.send({ op: "cancel", ref: "a" });
  expect(await under.untilObserved("stream_ended")).toMatchObject({ ending: "cancelled" });
  page.webSocket.resume();
  expect(await page.untilEnd("b")).toMatchObject({ status: 503, code: "slow_consumer" });
  expect(await page.untilEnd("a")).toMatchObject({ type: "stop", reason: "cancelled" });
});

test("a page that lets a flood of refusals wait is given up", async () => {
  await using under = await startRelay();
  using page = await openPage(under.url);
  page.webSocket.pause();
  for (let index = 0; index < 50_000; index += 1) {
    page.send({ op: "follow", ref: `${index}`, streamId: "x" });
  }
  await under.untilObserved("request_refused");
  page.webSocket.resume();
  expect((await page.closed)[0]).toBe(4408);
});
