import type { EmulatorCall } from "@gatestream/emulator";
import { describe, expect, test } from "vitest";
import { settingTable } from "../../src/settings/setting-table.ts";
import { ask, question, refusalIn, replyTo } from "@gatestream/testing/ask";
import { startHost } from "@gatestream/testing/host";
import { isNginxInstalled, siteFile, startNginx } from "@gatestream/testing/nginx";
import { startRelay } from "@gatestream/testing/relay-under-test";

const isChat = ({ kind }: EmulatorCall): boolean => kind === "chat";

describe.skipIf(!isNginxInstalled)("what nginx passes on", () => {
  test.each<[string, number, Readonly<Record<string, string>>]>([
    ["the file as it is: once", 1, {}],
    [
      "the next server tried on a 502: twice",
      2,
      { "proxy_next_upstream off;": "proxy_next_upstream http_502 non_idempotent;" },
    ],
  ])("how often is a question asked that fails? %s", async (_, times, replaced) => {
    const emulator = { scenario: "unavailable-always" } as const;
    await using under = await startRelay({ handshakeTries: 1, emulator });
    const server = `server ${new URL(under.url).host};`;
    await using nginx = await startNginx(under.url, {
      replaced: { "server 127.0.0.1:3000;": server + server, ...replaced },
    });
    const reply = await replyTo(ask(nginx.streamUrl, question("Hello")));
    expect(reply.status).toBe(502);
    expect(refusalIn(reply).code).toBe("gateway_unavailable");
    expect(under.emulator.calls.filter(isChat)).toHaveLength(times);
  });

  test("the relay gets the client's address, on a reused connection", async () => {
    const heard: object[] = [];
    await using host = await startHost(({ headers, httpVersion, socket }, response) => {
      heard.push({ ...headers, httpVersion, port: socket.remotePort });
      response.end();
    });
    await using nginx = await startNginx(host.url);
    const headers = { "X-Forwarded-For": "192.0.2.1", "X-Request-Id": "mine" };
    for (const body of ["first", "second"]) {
      await replyTo(ask(nginx.streamUrl, body, { headers }));
    }
    const [first, second] = heard;
    expect(first).toMatchObject({
      httpVersion: "1.1",
      // The port too: the relay compares it with the page's origin.
      host: new URL(nginx.url).host,
      "x-forwarded-for": "192.0.2.1, 127.0.0.1",
      "x-forwarded-proto": "http",
      "x-request-id": "mine",
    });
    expect(first).not.toHaveProperty("connection");
    expect(second).toEqual({ ...first, "content-length": "6" });
  });

  test.each(["/healthz", "/readyz", "/metrics", "/api/llmetrics"])(
    "%s is not passed on",
    async (path) => {
      await using host = await startHost((_, response) => response.end());
      await using nginx = await startNginx(host.url);
      const { status } = await replyTo(ask(nginx.url + path, undefined, { method: "GET" }));
      expect(status).toBe(404);
      expect(host.responses).toEqual([]);
    },
  );

  test("a body of maxBodyBytes is passed on, a bigger one is refused", async () => {
    await using under = await startRelay();
    await using nginx = await startNginx(under.url);
    const most = Number(settingTable.maxBodyBytes.default);
    const fits = await replyTo(ask(nginx.streamUrl, " ".repeat(most)));
    expect(refusalIn(fits).code).toBe("invalid_request");
    const tooMuch = await replyTo(ask(nginx.streamUrl, " ".repeat(most + 1)));
    expect(tooMuch.status).toBe(413);
    expect(under.observed).toHaveLength(1);
  });
});

test("the file's times fit the relay's: nginx waits longer, and closes kept connections first", () => {
  const { heartbeatMs, firstByteGraceMs, keepAliveTimeoutMs } = settingTable;
  const readTimeoutMs = msInFile("proxy_read_timeout");
  expect(readTimeoutMs).toBeGreaterThan(2 * Number(heartbeatMs.default));
  expect(readTimeoutMs).toBeGreaterThan(2 * Number(firstByteGraceMs.default));
  expect(msInFile("keepalive_timeout")).toBeLessThan(Number(keepAliveTimeoutMs.default));
});

function msInFile(directive: string): number {
  const [, seconds] = new RegExp(`^ *${directive} (\\d+)s;$`, "m").exec(siteFile) ?? [];
  return Number(seconds) * 1000;
}
