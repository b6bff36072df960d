import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { deferred } from "../testing/deferred.ts";
import {
  startHttpServer,
  closedPort,
  startTcpServer,
  writeUntilBlocked,
} from "./testing/servers.ts";
import { readAll } from "./testing/upstream-responses.ts";
import {
  agentOf,
  call,
  firstResponse,
  type CalledResponse,
} from "./testing/upstream-under-test.ts";
import { TransientError } from "./retry.ts";

/** Why a call failed, before its head or after. */
async function failureOf(called: Promise<CalledResponse>): Promise<unknown> {
  try {
    return (await readAll((await called).body)).failure;
  } catch (failure) {
    return failure;
  }
}

test.concurrent("after a pause for the reader the idle limit counts again", async () => {
  const piece = Buffer.alloc(256 * 1024, "x");
  const { promise, answer } = firstResponse();
  await using server = await startHttpServer(answer);
  const called = call(server.url, { idleTimeoutMs: 400, totalTimeoutMs: 4_000 });
  const response = await promise;
  response.flushHeaders();
  const { body } = await called;
  await writeUntilBlocked(response, { piece, maxBytes: 64 * 1024 * 1024, quietMs: 300 });
  const { items, failure } = await readAll(body);
  expect(Buffer.concat(items[0] ?? []).length).toBeGreaterThan(16 * 1024);
  expect(failure).toMatchObject({
    code: "gateway_timeout",
    message: expect.stringContaining("idleTimeoutMs"),
  });
});

test.concurrent("connecting has its own limit, for names as for handshakes, and may be tried again", async () => {
  const { promise: connected, resolve } = deferred<Socket>();
  await using server = await startTcpServer((socket) => resolve(socket.resume()));
  const neverFound = call("http://gateway.test", {}, agentOf({ timeout: 60, lookup: () => {} }));
  const neverGreeted = call(`https://127.0.0.1:${server.port}`, {}, agentOf({ timeout: 60 }));
  const failures = [neverFound, neverGreeted].map(failureOf);
  const closed = once(await connected, "close");
  for (const failure of await Promise.all(failures)) {
    expect(failure).toBeInstanceOf(TransientError);
    expect(failure).toMatchObject({
      code: "gateway_timeout",
      message: "The gateway took longer than allowed to connect.",
    });
  }
  await closed;
});

test.each([
  ["before the head", () => {}],
  ["between head and body", (response: ServerResponse) => response.flushHeaders()],
])(
  "a gateway that does not begin is given up after firstByteTimeoutMs: silent %s",
  async (_, act) => {
    await using server = await startHttpServer((_request, response) => act(response));
    const failure = await failureOf(call(server.url, { firstByteTimeoutMs: 60, idleTimeoutMs: 1 }));
    expect(failure).toMatchObject({
      code: "gateway_timeout",
      message: "The gateway took longer than 60 ms to begin its answer (firstByteTimeoutMs).",
    });
    expect(failure).not.toBeInstanceOf(TransientError);
  },
);

test.concurrent("silence in the middle is given up after idleTimeoutMs, behind what had come", async () => {
  const { promise, answer } = firstResponse();
  await using server = await startHttpServer(answer);
  const called = call(server.url, { idleTimeoutMs: 60 });
  const response = await promise;
  const closed = once(response, "close");
  response.write("first");
  const { items, failure } = await readAll((await called).body);
  expect(items.flat().map(String)).toEqual(["first"]);
  expect(failure).toMatchObject({
    code: "gateway_timeout",
    message: "The gateway took longer than 60 ms between two pieces (idleTimeoutMs).",
  });
  await closed;
});

test.concurrent("an answer that never ends is given up after totalTimeoutMs, however lively it is", async () => {
  await using server = await startHttpServer((_, response) => {
    const goOn = setInterval(() => response.write("."), 10);
    response.on("close", () => clearInterval(goOn));
  });
  expect(await failureOf(call(server.url, { totalTimeoutMs: 150 }))).toMatchObject({
    code: "gateway_timeout",
    message: "The gateway took longer than 150 ms for the whole answer (totalTimeoutMs).",
  });
});

test("a port without a listener is unavailable, and may be retried", async () => {
  const failure = await failureOf(call(`http://127.0.0.1:${await closedPort()}`));
  expect(failure).toBeInstanceOf(TransientError);
  expect(failure).toMatchObject({
    code: "gateway_unavailable",
    message: "The gateway could not be reached.",
    cause: { code: "ECONNREFUSED" },
  });
});

test.each([
  ["closed", (socket: Socket) => socket.end()],
  ["reset", (socket: Socket) => socket.resetAndDestroy()],
  ["answered with what is no HTTP", (socket: Socket) => socket.end("220 mail.test ESMTP\r\n")],
])(
  "a connection that is %s before the head is unavailable, and may be tried again",
  async (_, act) => {
    await using server = await startTcpServer(
      (socket) => void socket.once("data", () => act(socket)),
    );
    const failure = await failureOf(call(server.url));
    expect(failure).toBeInstanceOf(TransientError);
    expect(failure).toMatchObject({ code: "gateway_unavailable" });
  },
);

test.each([
  ["chunked", "transfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n"],
  ["of a stated length", "content-length: 50\r\n\r\nfirst"],
])("a connection cut in the middle is interrupted, not an end: a body %s", async (_, rest) => {
  for (const act of ["end", "resetAndDestroy"] as const) {
    const { promise, resolve } = deferred<Socket>();
    await using server = await startTcpServer((socket) => {
      socket.once("data", () => {
        socket.write(`HTTP/1.1 200 OK\r\n${rest}`);
        resolve(socket);
      });
    });
    const batches = (await call(server.url)).body[Symbol.asyncIterator]();
    expect((await batches.next()).value?.map(String)).toEqual(["first"]);
    (await promise)[act]();
    const failure = await batches.next().catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: "gateway_interrupted",
      message: "The connection to the gateway broke before the answer was complete.",
    });
    // Never tried again: the first byte has come.
    expect(failure).not.toBeInstanceOf(TransientError);
  }
});
