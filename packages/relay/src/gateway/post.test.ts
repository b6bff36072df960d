import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { deferred } from "../testing/deferred.ts";
import { startHttpServer, startTcpServer, writeUntilBlocked } from "./testing/servers.ts";
import { readAll } from "./testing/upstream-responses.ts";
import { agentOf, call, firstResponse, takeOne, textOf } from "./testing/upstream-under-test.ts";

test("a request is posted unchanged, and the head and body are returned", async () => {
  await using server = await startHttpServer(async (request, response) => {
    const chunks = await request.toArray();
    response.writeHead(201, { "X-One": "1", "X-Two": ["2", "3"] });
    response.end(`${request.method} ${request.url} ${request.headers["x-own"]} ${chunks.join("")}`);
  });
  const headers = { "x-own": "mine" };
  const response = await call(`${server.url}/path?query=1`, { headers });
  expect(response).toMatchObject({ status: 201, headers: { "x-one": "1", "x-two": ["2", "3"] } });
  await expect(textOf(response)).resolves.toBe("POST /path?query=1 mine question");
});

test("an early hint is not taken for the answer", async () => {
  await using server = await startHttpServer((_, response) => {
    response.writeEarlyHints({ link: "</a>; rel=preload" });
    response.end("answer");
  });
  const response = await call(server.url);
  expect(response.status).toBe(200);
  await expect(textOf(response)).resolves.toBe("answer");
});

test("HTTP chunks that leave in one write arrive as one batch", async () => {
  const words = Array.from({ length: 50 }, (_, index) => `word ${index};`);
  const chunked = words.map((word) => `${word.length.toString(16)}\r\n${word}\r\n`).join("");
  const { promise: socket, resolve } = deferred<Socket>();
  await using server = await startTcpServer((connection) => {
    connection.once("data", () => {
      connection.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
      resolve(connection);
    });
  });
  const { body } = await call(server.url);
  const batches = body[Symbol.asyncIterator]();
  const first = batches.next();
  (await socket).write(chunked);
  expect((await first).value?.map(String)).toEqual([words.join("")]);
  (await socket).write(`${chunked}0\r\n\r\n`);
  expect((await batches.next()).value?.map(String)).toEqual([words.join("")]);
  await expect(batches.next()).resolves.toEqual({ done: true, value: undefined });
});

test.concurrent("back-pressure: a reader that does not read stops the upstream, whose idle limit rests", async () => {
  const piece = Buffer.alloc(256 * 1024, "x");
  const maxBytes = 64 * 1024 * 1024;
  const { promise, answer } = firstResponse();
  await using server = await startHttpServer(answer);
  const called = call(server.url, { idleTimeoutMs: 400 });
  const response = await promise;
  response.flushHeaders();
  const { body } = await called;
  // Quiet for much longer than the idle limit.
  const blocked = await writeUntilBlocked(response, { piece, maxBytes, quietMs: 1_000 });
  expect(blocked?.writtenBytes).toBeLessThan(maxBytes / 2);
  response.end();
  const { items, failure } = await readAll(body);
  expect(failure).toBeUndefined();
  const sizes = items.map((chunks) => Buffer.concat(chunks).length);
  expect(sizes[0]).toBeGreaterThan(16 * 1024);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(128 * 1024);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(blocked?.writtenBytes);
});

test("a reader that has had enough lets a short rest come, and the connection serves again", async () => {
  let isFirst = true;
  const { promise, resolve } = deferred<ServerResponse>();
  await using server = await startHttpServer((_, response) => {
    response.write("stop");
    if (isFirst) resolve(response);
    else response.end();
    isFirst = false;
  });
  const agent = agentOf();
  for await (const chunks of (await call(server.url, {}, agent)).body) {
    expect(Buffer.concat(chunks).toString()).toBe("stop");
    break;
  }
  const second = call(server.url, {}, agent);
  (await promise).end("a little more");
  await expect(textOf(await second)).resolves.toBe("stop");
  expect(server.connectionCount()).toBe(1);
});

test("a paused body whose reader leaves continues to its end", async () => {
  const { promise, answer } = firstResponse();
  await using server = await startHttpServer(answer);
  const called = call(server.url);
  const response = await promise;
  response.write(Buffer.alloc(70 * 1024));
  const { body } = await called;
  for await (const chunks of body) {
    expect(chunks.length).toBeGreaterThan(0);
    break;
  }
  const finished = once(response, "finish");
  response.end("rest");
  await finished;
});

test.concurrent("a body that goes on for ever after its reader has had enough is cut", async () => {
  const { promise, answer } = firstResponse();
  await using server = await startHttpServer(answer);
  const called = call(server.url);
  const response = await promise;
  response.write("stop");
  await takeOne(await called);
  const closed = once(response, "close");
  const piece = Buffer.alloc(16 * 1024);
  const goOn = (): void => void (response.write(piece) ? setImmediate(goOn) : undefined);
  response.on("drain", goOn);
  goOn();
  await closed;
  expect(response.writableFinished).toBe(false);
});

test.concurrent("a body that falls silent after its reader has had enough is cut", async () => {
  const { promise, answer } = firstResponse();
  await using server = await startHttpServer(answer);
  const called = call(server.url);
  const response = await promise;
  response.write("stop");
  await takeOne(await called);
  await once(response, "close");
});

test("a body that ends with its connection is complete", async () => {
  await using server = await startTcpServer((socket) => {
    socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nall"));
  });
  await expect(textOf(await call(server.url))).resolves.toBe("all");
});
