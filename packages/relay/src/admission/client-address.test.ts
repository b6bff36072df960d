import { expect, test } from "vitest";
import { ask, replyTo } from "../../test/ask.ts";
import { startHost } from "../../test/host.ts";
import { createClientAddress, isTrustedProxyList } from "./client-address.ts";

async function addressSeen(trusted: readonly string[], forwarded?: string): Promise<string> {
  const addressOf = createClientAddress(trusted);
  await using host = await startHost((request, response) => response.end(addressOf(request)));
  const headers = forwarded === undefined ? {} : { "X-Forwarded-For": forwarded };
  return (await replyTo(ask(host.url, undefined, { headers }))).text;
}

test("by default it is the connection's, whatever is claimed", async () => {
  expect(await addressSeen([])).toBe("127.0.0.1");
  expect(await addressSeen([], "203.0.113.7")).toBe("127.0.0.1");
});

test("behind a trusted proxy it is the one that the proxy saw", async () => {
  expect(await addressSeen(["loopback"], "203.0.113.7")).toBe("203.0.113.7");
});

test("what stands before an address that is not trusted was written by anybody", async () => {
  const forwarded = "192.0.2.1, 203.0.113.7, 10.0.0.5";
  expect(await addressSeen(["loopback", "10.0.0.0/8"], forwarded)).toBe("203.0.113.7");
});

test.each<[readonly string[], boolean]>([
  [[], true],
  [["loopback", "linklocal", "uniquelocal", "10.0.0.0/8", "2001:db8::/32", "192.0.2.1"], true],
  [["nginx"], false],
  [["10.0.0.0/99"], false],
])("%j as trusted proxies: %s", (list, isOne) => {
  expect(isTrustedProxyList(list)).toBe(isOne);
});
