import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { constants, createGzip } from "node:zlib";
import { expect, test } from "vitest";
import { genesysAt } from "../testing/provider-under-test.ts";
import { readAll } from "../testing/upstream-responses.ts";
import { startRawGateway } from "../testing/servers.ts";
import { firstResponse } from "../testing/upstream-under-test.ts";

const stop = { type: "stop", reason: "stop" };
const token = (content: string, index: number) => ({ type: "token", content, index });

/** Compresses what is written to a response; a piece has left when its write resolves. */
function compressing(response: ServerResponse) {
  response.setHeader("content-encoding", "gzip");
  const gzip = createGzip();
  const chunks: Buffer[] = [];
  gzip.on("data", (chunk: Buffer) => chunks.push(chunk));
  const send = (): Promise<void> =>
    new Promise((resolve) => response.write(Buffer.concat(chunks.splice(0)), () => resolve()));
  return {
    async write(text: string) {
      gzip.write(text);
      await new Promise<void>((resolve) => gzip.flush(constants.Z_SYNC_FLUSH, resolve));
      await send();
    },
    async end() {
      gzip.end();
      await once(gzip, "end");
      await send();
      response.end();
    },
  };
}

test("a compressed token can be read when it arrives, not when the answer is over", async () => {
  const { promise, answer } = firstResponse();
  await using server = await startRawGateway(answer);
  const opening = genesysAt(server.url).open();
  const gzip = compressing(await promise);
  await gzip.write('{"content":"a"}\n');
  const batches = (await opening)[Symbol.asyncIterator]();
  expect((await batches.next()).value).toEqual([token("a", 0)]);
  await gzip.write('{"content":"b"}\n{"type":"stop"}\n');
  expect((await batches.next()).value).toEqual([token("b", 1), stop]);
  await gzip.end();
});

test("a compressed answer that is left at its stop leaves the connection for the next", async () => {
  await using server = await startRawGateway(async (_, response) => {
    const gzip = compressing(response);
    await gzip.write('{"content":"a"}\n{"type":"stop"}\n');
    await gzip.end();
  });
  const provider = genesysAt(server.url, { maxConcurrentStreams: 1 });
  const connections: number[] = [];
  for (let count = 0; count < 4; count += 1) {
    const { events } = await provider.ask();
    expect(events).toEqual([token("a", 0), stop]);
    await new Promise(setImmediate);
    connections.push(server.connectionCount());
  }
  const [atFirst] = connections;
  expect(connections).toEqual(connections.map(() => atFirst));
});

test("a compressed answer whose connection stays open after its stop: the connection is closed", async () => {
  const { promise, answer } = firstResponse();
  await using server = await startRawGateway(answer);
  const opening = genesysAt(server.url).open();
  const response = await promise;
  const closed = once(response, "close");
  await compressing(response).write('{"type":"stop"}\n');
  const { items } = await readAll(await opening);
  expect(items).toEqual([[stop]]);
  await closed;
});

test("a compressed answer that is cut is an interruption behind all that had come", async () => {
  const { promise, answer } = firstResponse();
  await using server = await startRawGateway(answer);
  const opening = genesysAt(server.url).open();
  const response = await promise;
  const gzip = compressing(response);
  const contents = Array.from({ length: 100 }, (_, index) => `token ${index} `);
  for (const content of contents) await gzip.write(`${JSON.stringify({ content })}\n`);
  response.destroy();
  const { items, failure } = await readAll(await opening);
  expect(failure).toMatchObject({ code: "gateway_interrupted" });
  expect(items.flat()).toEqual(contents.map(token));
});
