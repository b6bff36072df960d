import { once } from "node:events";
import { type ServerResponse, createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";

import { expect, test } from "vitest";

import { createResponseWriter } from "./response-writer.ts";

/** One exchange with a peer that reads only what the test reads. */
async function exchange() {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const peer = connect(port, "127.0.0.1");
  peer.write("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
  const [, response] = (await once(server, "request")) as [unknown, ServerResponse];
  return {
    peer,
    response,
    writer: createResponseWriter(response),
    async [Symbol.asyncDispose]() {
      peer.destroy();
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

// More than the buffers of both sockets hold, so that the write must block.
const backlog = Buffer.alloc(64 * 1024 * 1024);

test("a blocked write rejects when the peer leaves", async () => {
  await using side = await exchange();
  side.writer.head(200, {});
  const blocked = side.writer.write(backlog);
  expect(side.response.writableNeedDrain).toBe(true);
  await once(side.peer, "readable");
  side.peer.destroy();
  await expect(blocked).rejects.toThrow();
  expect(side.writer.over.aborted).toBe(true);
  expect(side.writer.isComplete()).toBe(false);
});

test("a blocked write resolves when the peer reads on", async () => {
  await using side = await exchange();
  side.writer.head(200, {});
  const blocked = side.writer.write(backlog);
  side.peer.resume();
  await blocked;
  expect(side.writer.over.aborted).toBe(false);
});

test("an end that never got through is not complete", async () => {
  await using side = await exchange();
  side.writer.head(200, {});
  const blocked = side.writer.write(backlog);
  side.writer.end("last");
  await once(side.peer, "readable");
  side.peer.destroy();
  await expect(blocked).rejects.toThrow();
  expect(side.writer.isComplete()).toBe(false);
});

test("an end that got through is complete, and the response is over", async () => {
  await using side = await exchange();
  const over = once(side.writer.over, "abort");
  side.peer.resume();
  side.writer.head(200, {});
  side.writer.end("last");
  await over;
  expect(side.writer.isComplete()).toBe(true);
});

test("nothing can be written to a peer that has left", async () => {
  await using side = await exchange();
  const over = once(side.writer.over, "abort");
  side.peer.destroy();
  await over;
  expect(() => side.writer.head(200, {})).toThrow();
  await expect(side.writer.write("late")).rejects.toThrow();
  await expect(side.writer.cut()).rejects.toThrow();
});

test("a cut comes after what was written, and counts as complete", async () => {
  await using side = await exchange();
  let received = "";
  side.peer.on("data", (piece: Buffer) => (received += piece.toString()));
  side.writer.head(200, {});
  await side.writer.write("before the cut");
  await side.writer.cut();
  await once(side.peer, "close");
  expect(received).toContain("before the cut");
  expect(received).not.toMatch(/0\r\n\r\n$/);
  expect(side.writer.isComplete()).toBe(true);
});
