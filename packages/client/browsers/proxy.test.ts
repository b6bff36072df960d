import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { startProxy, type Proxy } from "./proxy.ts";

const text = "0123456789".repeat(100);

/** A proxy in front of a server that says `text` to everybody who has said something. */
async function proxyUnderTest(ending: "end" | "stay" = "stay"): Promise<Proxy> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => (ending === "end" ? socket.end(text) : socket.write(text)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // A string only for a server on a pipe.
  const proxy = await startProxy((server.address() as AddressInfo).port);
  onTestFinished(async () => {
    await proxy[Symbol.asyncDispose]();
    server.close();
  });
  return proxy;
}

interface Browser {
  readonly socket: Socket;
  readonly chunks: readonly string[];
  received(length: number): Promise<void>;
  /** How it was closed: the error's code, or undefined for a clean end. */
  readonly closed: Promise<string | undefined>;
}

/** Connects, and says something. */
async function connectTo({ url }: Proxy): Promise<Browser> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  const chunks: string[] = [];
  let code: string | undefined;
  socket.setEncoding("latin1").on("data", (chunk: string) => chunks.push(chunk));
  socket.on("error", (error: NodeJS.ErrnoException) => {
    code = error.code;
  });
  // Not `once`: it rejects when there is an error before.
  const closed = new Promise<string | undefined>((resolve) => {
    socket.once("close", () => resolve(code));
  });
  await once(socket, "connect");
  socket.write("Hello");
  return {
    socket,
    chunks,
    closed,
    async received(length) {
      while (chunks.join("").length < length) await once(socket, "data");
    },
  };
}

test("every byte passes, and so does the end", async () => {
  const browser = await connectTo(await proxyUnderTest("end"));
  expect(await browser.closed).toBeUndefined();
  expect(browser.chunks.join("")).toBe(text);
});

test("a reset ends connections with an error, and new ones pass", async () => {
  const proxy = await proxyUnderTest();
  const browser = await connectTo(proxy);
  await browser.received(text.length);
  proxy.resetConnections();
  expect(await browser.closed).toBe("ECONNRESET");
  await (await connectTo(proxy)).received(text.length);
});

test("a stalled connection says nothing and stays open, and new ones pass", async () => {
  const proxy = await proxyUnderTest();
  proxy.throttle(1_000);
  const browser = await connectTo(proxy);
  await browser.received(20);
  proxy.stallConnections();
  const { length } = browser.chunks.join("");
  proxy.throttle(undefined);
  const other = await connectTo(proxy);
  await other.received(text.length);
  // One piece may have been on its way.
  expect(browser.chunks.join("").length).toBeLessThanOrEqual(length + 20);
  expect(browser.socket.closed).toBe(false);
  browser.socket.destroy();
});

test("a cut comes after exactly that many bytes", async () => {
  const proxy = await proxyUnderTest();
  proxy.cutAfterBytes(123);
  const browser = await connectTo(proxy);
  expect(await browser.closed).toBe("ECONNRESET");
  expect(browser.chunks.join("").length).toBeLessThanOrEqual(123);
  await (await connectTo(proxy)).received(text.length);
});

test("a throttled answer takes its time and is whole, also when the server has long left", async () => {
  const proxy = await proxyUnderTest("end");
  proxy.throttle(5_000);
  const startedAt = performance.now();
  const browser = await connectTo(proxy);
  expect(await browser.closed).toBeUndefined();
  expect(browser.chunks.join("")).toBe(text);
  // A thousand bytes.
  expect(performance.now() - startedAt).toBeGreaterThan(150);
});

test("split at every byte, an answer comes in many chunks and is whole", async () => {
  const proxy = await proxyUnderTest();
  proxy.splitAtEveryByte(true);
  const browser = await connectTo(proxy);
  await browser.received(text.length);
  expect(browser.chunks.join("")).toBe(text);
  expect(browser.chunks.length).toBeGreaterThan(20);
});

test("refused connections are refused by the system, those of before go on, and calm is as before", async () => {
  const proxy = await proxyUnderTest();
  const before = await connectTo(proxy);
  await before.received(text.length);
  await proxy.refuseConnections();
  await expect(connectTo(proxy)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  expect(before.socket.closed).toBe(false);
  proxy.throttle(1);
  await proxy.calm();
  await (await connectTo(proxy)).received(text.length);
});
