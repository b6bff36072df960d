import { expect, test } from "vitest";
import { ask, replyTo } from "@gatestream/testing/ask";
import { startHost } from "@gatestream/testing/host";
import { clientOf, createClientAddress, isTrustedProxy } from "./client-address.ts";

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

test("ports that proxies write are cut, also those of trusted proxies", async () => {
  const forwarded = "203.0.113.7:51234, 10.0.0.5:8080";
  expect(await addressSeen(["loopback", "10.0.0.0/8"], forwarded)).toBe("203.0.113.7");
  const overIpv6 = "[2001:db8:1:2:3::4]:51234, [fd00::5]:8080";
  expect(await addressSeen(["loopback", "uniquelocal"], overIpv6)).toBe("2001:db8:1:2::/64");
});

test.each<[network: string, proxy: string, isTrusted: boolean]>([
  ["10.0.0.0/8", "10.255.255.255", true],
  ["10.0.0.0/8", "11.0.0.0", false],
  ["10.0.0.0/8", "::ffff:10.1.2.3", true],
  ["10.1.2.3/8", "10.9.9.9", true],
  ["192.0.2.1", "192.0.2.1", true],
  ["192.0.2.1", "192.0.2.2", false],
  ["::ffff:192.0.2.1", "192.0.2.1", true],
  ["::ffff:192.0.2.0/120", "192.0.2.9", true],
  ["::ffff:192.0.2.0/120", "192.0.3.9", false],
  ["2001:db8::/33", "2001:DB8:7fff::1", true],
  ["2001:db8::/33", "2001:db8:8000::1", false],
  ["::/1", "10.1.2.3", false],
  ["linklocal", "fe80::1%eth0", true],
  ["linklocal", "169.254.1.1", true],
  ["linklocal", "fec0::1", false],
  ["uniquelocal", "172.31.255.255", true],
  ["uniquelocal", "172.32.0.0", false],
  ["uniquelocal", "192.168.1.1", true],
  ["uniquelocal", "fdff::1", true],
  ["uniquelocal", "fe00::1", false],
  ["loopback", "127.9.9.9", true],
  ["loopback", "::1", true],
  ["loopback", "::2", false],
  ["10.0.0.0/8", "unknown", false],
  ["10.0.0.0/8", "10.1", false],
])("with %s trusted, the proxy %s is trusted: %s", async (network, proxy, isTrusted) => {
  const seen = await addressSeen(["127.0.0.1", network], `203.0.113.7, ${proxy}, ,`);
  expect(seen).toBe(isTrusted ? "203.0.113.7" : clientOf(proxy));
});

test.each([
  ["203.0.113.7", "203.0.113.7"],
  ["203.0.113.7:51234", "203.0.113.7"],
  ["::ffff:203.0.113.7", "203.0.113.7"],
  ["[::ffff:203.0.113.7]:51234", "203.0.113.7"],
  ["::FFFF:cb00:7107", "203.0.113.7"],
  ["0:0:0:0:0:ffff:cb00:7107", "203.0.113.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:0DB8:0001:0002::9", "2001:db8:1:2::/64"],
  ["[2001:db8:1:2::9]", "2001:db8:1:2::/64"],
  ["[2001:db8:1:2::9]:443", "2001:db8:1:2::/64"],
  ["2001:db8::", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["203.0.113.7:port", "unknown"],
  ["1.2.3.4.5", "unknown"],
  ["300.1.1.1", "unknown"],
  ["unknown", "unknown"],
  ["_hidden", "unknown"],
  ["", "unknown"],
])("%j is the client %s", (text, client) => {
  expect(clientOf(text)).toBe(client);
});

test.each<[readonly string[], boolean]>([
  [[], true],
  [["loopback", "linklocal", "uniquelocal", "10.0.0.0/8", "2001:db8::/32", "192.0.2.1"], true],
  [["::ffff:192.0.2.1", "::ffff:10.0.0.0/104"], true],
  [["nginx"], false],
  [["constructor"], false],
  [["10.0.0.0/99"], false],
  [["10.0.0.0/33"], false],
  [["10.0.0.0/0"], false],
  [["10.0.0.0/"], false],
  [["10.0.0.0/8/8"], false],
  [["2001:db8::/129"], false],
  [["::ffff:10.0.0.0/96"], false],
])("%j as trusted proxies: %s", (list, isOne) => {
  expect(list.every(isTrustedProxy)).toBe(isOne);
});
