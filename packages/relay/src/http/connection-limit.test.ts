import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { limitConnections } from "./connection-limit.ts";

interface ServerUnderTest {
  /** A connection that the server has accepted. */
  connect(): Promise<Socket>;
  readonly dropped: () => number;
}

async function startServer(maxConnections: number): Promise<ServerUnderTest> {
  const server = createServer();
  let dropped = 0;
  limitConnections(server, maxConnections, () => {
    dropped += 1;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  onTestFinished(() => void server.close());
  return {
    dropped: () => dropped,
    async connect() {
      const accepted = once(server, "connection");
      const socket = connect(port, "127.0.0.1").resume();
      socket.on("error", () => {});
      onTestFinished(() => void socket.destroy());
      const [{ destroyed }] = (await accepted) as [Socket];
      if (destroyed && !socket.destroyed) await once(socket, "close");
      return socket;
    },
  };
}

test("connections beyond the limit are closed at once and reported, the others stay", async () => {
  const server = await startServer(2);
  const sockets = [];
  for (let count = 0; count < 4; count += 1) sockets.push(await server.connect());
  expect(sockets.map(({ destroyed }) => destroyed)).toEqual([false, false, true, true]);
  expect(server.dropped()).toBe(2);
});

test("a connection that ends frees a slot, one that was dropped does not", async () => {
  const server = await startServer(1);
  const first = await server.connect();
  expect((await server.connect()).destroyed).toBe(true);
  expect((await server.connect()).destroyed).toBe(true);
  first.destroy();
  let next = await server.connect();
  // The server sees the end of a connection a moment later.
  while (next.destroyed) next = await server.connect();
  expect((await server.connect()).destroyed).toBe(true);
});

test("0 is no limit", async () => {
  const server = await startServer(0);
  for (let count = 0; count < 5; count += 1) {
    expect((await server.connect()).destroyed).toBe(false);
  }
  expect(server.dropped()).toBe(0);
});
