import { createServer } from "node:https";
import { Agent } from "undici";
import { expect, onTestFinished, test } from "vitest";
import { listening, startTcpServer } from "../../../relay/src/gateway/testing/servers.ts";
import { connectionProblem } from "./probe.ts";
import { probe } from "./probe.ts";

/** How the failure of a GET is put. */
async function problemAt(url: string, connectTimeoutMs = 5_000): Promise<string> {
  const dispatcher = new Agent({ connect: { timeout: connectTimeoutMs } });
  onTestFinished(() => dispatcher.destroy());
  const { signal } = new AbortController();
  return await probe(new URL(url), { dispatcher, signal, timeoutMs: 5_000 }).then(
    ({ status }) => `answered with ${status}`,
    connectionProblem,
  );
}

test("a server that closes at once", async () => {
  await using server = await startTcpServer((socket) => socket.destroy());
  expect(await problemAt(server.url)).toMatch(
    /closes the connection without an answer.+UND_ERR_SOCKET/,
  );
});

test("a server that resets", async () => {
  await using server = await startTcpServer((socket) => socket.resetAndDestroy());
  expect(await problemAt(server.url)).toMatch(/closes the connection without an answer/);
});

test("a server that speaks something else", async () => {
  await using server = await startTcpServer((socket) => socket.end("SSH-2.0-OpenSSH_9.6\r\n"));
  expect(await problemAt(server.url)).toBe("what it answers is not HTTP/1.1");
});

test("a server with TLS that has no certificate", async () => {
  const server = createServer({});
  const { port } = await listening(server);
  expect(await problemAt(`https://127.0.0.1:${port}`)).toMatch(/^TLS with it fails \(ERR_SSL_/);
  server.close();
});

test("a handshake that does not come about in time", async () => {
  await using server = await startTcpServer(() => {});
  const problem = await problemAt(server.url.replace("http:", "https:"), 50);
  expect(problem).toMatch(/no connection comes about in time.+UND_ERR_CONNECT_TIMEOUT/);
});

test.each([
  ["ENOTFOUND", /no host of that name/],
  ["EAI_AGAIN", /DNS does not answer/],
  ["ETIMEDOUT", /firewall/],
  ["ENETUNREACH", /no route/],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", /NODE_EXTRA_CA_CERTS/],
  ["SELF_SIGNED_CERT_IN_CHAIN", /NODE_EXTRA_CA_CERTS/],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", /NODE_EXTRA_CA_CERTS/],
  ["CERT_HAS_EXPIRED", /clock is wrong/],
  ["ERR_TLS_CERT_ALTNAME_INVALID", /another host's/],
  ["EMFILE", /^it failed: EMFILE$/],
])("what %s means is said with its code", (code, meaning) => {
  const problem = connectionProblem(Object.assign(new Error("failed"), { code }));
  expect(problem).toMatch(meaning);
  expect(problem).toContain(code);
  expect(problem).not.toMatch(/\.$/);
});

test("a failure without a code is reported unchanged", () => {
  expect(connectionProblem(new Error("odd"))).toBe("it failed: odd");
  expect(connectionProblem("odd")).toBe("it failed: odd");
});
