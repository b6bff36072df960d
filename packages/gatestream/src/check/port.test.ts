import { expect, test } from "vitest";
import {
  startHttpServer,
  closedPort,
  startTcpServer,
} from "../../../relay/src/gateway/testing/servers.ts";
import { startRelay } from "@gatestream/testing/relay-under-test";
import { checkPort } from "./port.ts";

const host = "127.0.0.1";
const check = (port: number, at = host) =>
  checkPort({ host: at, port }, new AbortController().signal);

test("a port that is free stays free", async () => {
  const port = await closedPort();
  expect(await check(port)).toEqual({
    what: `port ${port} of 127.0.0.1`,
    outcome: "ok",
    message: "free",
  });
  expect(await check(port)).toMatchObject({ outcome: "ok" });
  expect(await check(0)).toMatchObject({ what: "a free port of 127.0.0.1", outcome: "ok" });
});

test("a port that another program has is a failure with the remedy", async () => {
  await using silent = await startTcpServer((socket) => socket.destroy());
  await using other = await startHttpServer((_, response) => void response.end("alive"));
  for (const { port } of [silent, other]) {
    expect(await check(port)).toMatchObject({
      outcome: "failed",
      message: `Port ${port} of 127.0.0.1 is taken: stop what listens there, or choose another with PORT or --port.`,
    });
  }
});

test("a port that a relay has already is only warned of", async () => {
  await using under = await startRelay();
  expect(await check(Number(new URL(under.url).port))).toMatchObject({
    outcome: "warning",
    message: expect.stringContaining("a relay listens there already"),
  });
});

test("an address of another machine is a failure with the remedy", async () => {
  // Of TEST-NET-1, which is never assigned (RFC 5737).
  expect(await check(0, "192.0.2.1")).toMatchObject({
    outcome: "failed",
    message: expect.stringMatching(/no address of this machine.+HOST or --host/),
  });
});
