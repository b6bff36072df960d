import { once } from "node:events";
import { connect } from "node:net";
import type { EmulatorCall, ScenarioName } from "@gatestream/emulator";
import { expect, test } from "vitest";
import { ask, question, responseTo, textUntil } from "@gatestream/testing/ask";
import { startHost } from "@gatestream/testing/host";
import {
  startRelay,
  type RelayUnderTest,
  type RelayUnderTestOptions,
} from "@gatestream/testing/relay-under-test";

const isChat = ({ kind }: EmulatorCall): boolean => kind === "chat";

/** The gateway's chat call was dropped within a second, and no stream is left running. */
async function expectAborted(under: RelayUnderTest): Promise<EmulatorCall> {
  const call = await under.emulator.waitFor((each) => isChat(each) && each.state === "aborted", {
    signal: AbortSignal.timeout(1000),
  });
  await expectNothingRuns(under);
  return call;
}

async function expectNothingRuns(under: RelayUnderTest): Promise<void> {
  expect(await under.untilObserved("stream_ended")).toMatchObject({
    ending: "cancelled",
    readerLeft: true,
  });
  // It waits for what runs, for longer than a test may take.
  await under.relay.close();
}

/** A stop would wait for what runs. */
const waiting = { shutdownGraceMs: 600_000 };

function start(
  scenario: ScenarioName,
  options: RelayUnderTestOptions = {},
): Promise<RelayUnderTest> {
  const emulator = { scenario, slowFirstTokenMs: 600_000 };
  return startRelay({ ...waiting, firstByteGraceMs: 600_000, ...options, emulator });
}

test("the reader leaves while the access token is fetched: the chat is never asked for", async () => {
  const asked = deferred();
  await using login = await startHost(asked.resolve);
  await using under = await start("answer", { genesys: { loginUrl: login.url } });
  const asking = ask(under.streamUrl, question("Hello"));
  await asked.promise;
  asking.destroy();
  await expectNothingRuns(under);
  expect(under.emulator.calls).toEqual([]);
});

test("the reader leaves while the relay waits to try again: there is no second try", async () => {
  await using under = await start("rate-limited-always");
  const asking = ask(under.streamUrl, question("Hello"));
  const { waitMs } = await under.untilObserved("attempt_failed");
  expect(waitMs).toBeGreaterThanOrEqual(1000);
  asking.destroy();
  const { durationMs } = await under.untilObserved("stream_ended");
  expect(durationMs).toBeLessThan(1000);
  await expectNothingRuns(under);
  expect(under.emulator.calls.filter(isChat)).toHaveLength(1);
});

test("the reader leaves before the gateway's headers: the gateway connection is closed", async () => {
  await using under = await start("silent");
  const asking = ask(under.streamUrl, question("Hello"));
  await under.emulator.waitFor(({ scenario }) => scenario === "silent");
  asking.destroy();
  expect((await expectAborted(under)).status).toBeUndefined();
});

test("the reader leaves after the grace, before the gateway's headers: the gateway connection is closed", async () => {
  await using under = await start("silent", { firstByteGraceMs: 0 });
  const response = await responseTo(ask(under.streamUrl, question("Hello")));
  await under.emulator.waitFor(({ scenario }) => scenario === "silent");
  response.destroy();
  await expectAborted(under);
});

test("the reader leaves before the first token: the gateway connection is closed", async () => {
  await using under = await start("slow-first-token");
  const response = await responseTo(ask(under.streamUrl, question("Hello")));
  response.destroy();
  expect(await expectAborted(under)).toMatchObject({ status: 200, sentText: "" });
});

test("the reader leaves in the middle: the gateway connection is closed", async () => {
  await using under = await start("stall");
  const response = await responseTo(ask(under.streamUrl, question("Hello")));
  await textUntil(response, (text) => text.includes("id: 8\n"));
  response.destroy();
  await expectAborted(under);
});

test("the reader leaves during a blocked write: the gateway connection is closed", async () => {
  // Pieces are far smaller: when as much as this waits, the system takes no more.
  const maxBufferedBytes = 1024 * 1024;
  await using under = await start("many-tokens", { maxBufferedBytes });
  await using host = await startHost(under.relay.handler);
  const response = await responseTo(
    ask(`${host.url}/api/llm/stream`, question("/scenario many-tokens 1000000")),
  );
  // Nothing of the body is read.
  await under.emulator.waitFor(() => (host.responses[0]?.writableLength ?? 0) > maxBufferedBytes);
  response.destroy();
  const call = await expectAborted(under);
  expect(call.sentText.endsWith("999999 ")).toBe(false);
});

function deferred() {
  let resolve = (): void => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

test("on a POST request 'close' fires when the body is read: that is not the reader leaving", async () => {
  await using under = await startRelay({
    ...waiting,
    emulator: { scenario: "slow-headers", slowFirstTokenMs: 100 },
  });
  const socket = connect(Number(new URL(under.url).port), "127.0.0.1");
  const body = JSON.stringify(question("Hello"));
  let received = "";
  socket.on("data", (piece) => {
    received += String(piece);
  });
  socket.write(
    "POST /api/llm/stream HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  await once(socket, "end");
  expect(received).toContain('data: {"type":"stop","reason":"stop"}');
  expect(await under.untilObserved("stream_ended")).toMatchObject({ readerLeft: false });
});

test("a reader that leaves while it sends its body starts nothing", async () => {
  await using under = await startRelay(waiting);
  const socket = connect(Number(new URL(under.url).port), "127.0.0.1");
  socket.write(
    "POST /api/llm/stream HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
      'Content-Length: 100\r\n\r\n{"config',
    () => socket.destroy(),
  );
  expect(await under.untilObserved("request_refused")).toMatchObject({
    error: { code: "invalid_request", message: "The body was cut off." },
  });
  expect(under.emulator.calls).toEqual([]);
});

test("one reader's leaving does not disturb the others", async () => {
  await using under = await startRelay({ emulator: { scenario: "stall" } });
  const responses = await Promise.all(
    [1, 2].map(() => responseTo(ask(under.streamUrl, question("Hello")))),
  );
  const [leaving, staying] = responses;
  leaving?.destroy();
  await under.emulator.waitFor(({ state }) => state === "aborted");
  if (staying !== undefined) await textUntil(staying, (text) => text.includes("id: 8\n"));
  const states = under.emulator.calls.filter(isChat).map(({ state }) => state);
  expect(states.toSorted()).toEqual(["aborted", "open"]);
  staying?.destroy();
});

test("pipelined streams: those behind the first are refused, and a disconnect of the first's reader is noticed", async () => {
  await using under = await startRelay({ emulator: { scenario: "stall" } });
  const socket = connect(Number(new URL(under.url).port), "127.0.0.1");
  const body = JSON.stringify(question("Hello"));
  const head = `POST /api/llm/stream HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  socket.write((head + body).repeat(20));
  await under.emulator.waitFor(({ sentText }) => sentText !== "");
  socket.destroy();
  await under.emulator.waitFor(({ kind, state }) => kind === "chat" && state === "aborted");
  expect(under.emulator.calls.filter(({ kind }) => kind === "chat")).toHaveLength(1);
});
