import { getEventListeners, once } from "node:events";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { deferred } from "../testing/deferred.ts";
import { startHttpServer, startTcpServer, writeUntilBlocked } from "./testing/servers.ts";
import { readAll } from "./testing/upstream-responses.ts";
import {
  agentOf,
  call,
  firstResponse,
  takeOne,
  textOf,
  type Lookup,
} from "./testing/upstream-under-test.ts";

test("an abort while connecting rejects at once with the signal's reason", async () => {
  const { promise: connected, resolve } = deferred<Socket>();
  // It takes the connection and never answers the TLS handshake.
  await using server = await startTcpServer(resolve);
  const leaving = new AbortController();
  const called = call(`https://127.0.0.1:${server.port}`, { signal: leaving.signal });
  await connected;
  leaving.abort("the reader left");
  await expect(called).rejects.toBe("the reader left");
  expect(getEventListeners(leaving.signal, "abort")).toEqual([]);
});

test("an abort while connecting sends nothing once connected", async () => {
  const asked = deferred<void>();
  const released = deferred<void>();
  const lookup: Lookup = (_host, _options, found) => {
    void released.promise.then(() => found(null, [{ address: "127.0.0.1", family: 4 }]));
    asked.resolve();
  };
  const urls: unknown[] = [];
  await using server = await startHttpServer((request, response) => {
    urls.push(request.url);
    response.end();
  });
  const agent = agentOf({ lookup });
  const leaving = new AbortController();
  const url = `http://gateway.test:${server.port}`;
  const called = call(`${url}/first`, { signal: leaving.signal }, agent);
  await asked.promise;
  leaving.abort("the reader left");
  await expect(called).rejects.toBe("the reader left");
  const second = call(`${url}/second`, {}, agent);
  released.resolve();
  await textOf(await second);
  expect(urls).toEqual(["/second"]);
});

test("an abort while waiting for the head rejects at once, and the server sees the close", async () => {
  const { promise, answer } = firstResponse();
  await using server = await startHttpServer(answer);
  const leaving = new AbortController();
  const called = call(server.url, { signal: leaving.signal });
  const response = await promise;
  const closed = once(response, "close");
  leaving.abort("the reader left");
  await expect(called).rejects.toBe("the reader left");
  await closed;
  expect(getEventListeners(leaving.signal, "abort")).toEqual([]);
});

test.each([
  ["before the first byte", ""],
  ["in the middle of the body", "first"],
])(
  "an abort %s ends the waiting reader at once, and the server sees the close",
  async (_, first) => {
    const { promise, answer } = firstResponse();
    await using server = await startHttpServer(answer);
    const leaving = new AbortController();
    const called = call(server.url, { signal: leaving.signal });
    const response = await promise;
    response.flushHeaders();
    if (first !== "") response.write(first);
    const batches = (await called).body[Symbol.asyncIterator]();
    if (first !== "") expect((await batches.next()).value?.map(String)).toEqual([first]);
    const next = batches.next();
    const closed = once(response, "close");
    const reason = new Error("the reader left");
    leaving.abort(reason);
    await expect(next).rejects.toBe(reason);
    await closed;
    expect(getEventListeners(leaving.signal, "abort")).toEqual([]);
  },
);

test("an abort while the body is paused for the reader reaches a server whose write is blocked", async () => {
  const { promise, answer } = firstResponse();
  await using server = await startHttpServer(answer);
  const leaving = new AbortController();
  const called = call(server.url, { signal: leaving.signal });
  const response = await promise;
  response.flushHeaders();
  const { body } = await called;
  const piece = Buffer.alloc(256 * 1024);
  await writeUntilBlocked(response, { piece, maxBytes: 64 * 1024 * 1024, quietMs: 100 });
  const closed = once(response, "close");
  leaving.abort("the reader left");
  await closed;
  const { items, failure } = await readAll(body);
  expect(failure).toBe("the reader left");
  expect(items.length).toBeLessThanOrEqual(1);
});

test("an abort while the rest of a body is dropped closes the connection", async () => {
  const { promise, answer } = firstResponse();
  await using server = await startHttpServer(answer);
  const leaving = new AbortController();
  const called = call(server.url, { signal: leaving.signal });
  const response = await promise;
  response.write("stop");
  await takeOne(await called);
  const closed = once(response, "close");
  leaving.abort("the reader left");
  await closed;
});

test("a signal that is already aborted sends nothing", async () => {
  const bodies: string[] = [];
  await using server = await startHttpServer(async (request, response) => {
    bodies.push((await request.toArray()).join(""));
    response.end();
  });
  const agent = agentOf();
  const signal = AbortSignal.abort("gone");
  await expect(call(server.url, { signal, body: Buffer.from("first") }, agent)).rejects.toBe(
    "gone",
  );
  await textOf(await call(server.url, { body: Buffer.from("second") }, agent));
  expect(bodies).toEqual(["second"]);
  expect(server.connectionCount()).toBe(1);
});

test("a hundred requests leave no listeners on a signal that lives longer", async () => {
  await using server = await startHttpServer((_, response) => void response.end("answer"));
  const { signal } = new AbortController();
  const agent = agentOf();
  for (let count = 0; count < 100; count += 1) {
    await textOf(await call(server.url, { signal }, agent));
  }
  expect(getEventListeners(signal, "abort")).toEqual([]);
  expect(server.connectionCount()).toBe(1);
});
