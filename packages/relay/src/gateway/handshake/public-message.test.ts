import { expect, test } from "vitest";
import { publicMessage } from "./public-message.ts";

test("an ordinary message stays as it is", () => {
  for (const text of [
    "configurationId is not known",
    "You are missing the following permission: ai:llm:use",
    "The value 1.5 is above 1.0 (see section 3.2.1).",
    "Schlüssel «grün» fehlt",
  ]) {
    expect(publicMessage(text)).toBe(text);
  }
});

test.each([
  ["addresses", "See https://10.0.0.1/x?y=z for more", "See [address] for more"],
  ["addresses of any scheme", "at redis+tls://cache:6379 now", "at [address] now"],
  ["mail addresses", "ask jane.doe+x@mail.example.org today", "ask [address] today"],
  ["IP addresses", "upstream 10.1.2.3 failed", "upstream [address] failed"],
  ["IP addresses with a port", "upstream 10.1.2.3:8080 failed", "upstream [address] failed"],
  ["host names", "api.mypurecloud.de said no", "[host] said no"],
  ["host names in capitals with a port", "API.USW2.PURE.CLOUD:443 said no", "[host] said no"],
  ["hosts of a cluster", "llm.prod.svc.cluster.local is away", "[host] is away"],
  ["host names of two last labels", "at login.mypurecloud.com.au", "at [host]"],
  ["what could be a token", `Bearer ${"a1B2".repeat(10)} is bad`, "Bearer [withheld] is bad"],
  ["ids", "context 3f2504e0-4f89-11d3-9a0c-0305e82c3301", "context [withheld]"],
  ["every part", `${"a".repeat(24)}.${"b".repeat(24)}`, "[withheld].[withheld]"],
])("a client is not told %s", (_, message, told) => {
  expect(publicMessage(message)).toBe(told);
});

test("every region's hosts are withheld", () => {
  const suffixes = ["com", "ie", "com.au", "jp", "de"].map((end) => `mypurecloud.${end}`);
  for (const host of [...suffixes, "usw2.pure.cloud", "use2.us-gov-pure.cloud"]) {
    expect(publicMessage(`no answer from api.${host}.`)).toBe("no answer from [host].");
  }
});

test("control characters and line breaks become one space", () => {
  expect(publicMessage("a\r\n\r\nb\u0000\u001B[31mc\u2028d\u0085e")).toBe("a b [31mc d e");
  expect(publicMessage("\n padded \n")).toBe("padded");
});

test("a long message is cut, and told that it was", () => {
  const told = publicMessage("word ".repeat(10_000));
  expect(told).toHaveLength(301);
  expect(told.endsWith("…")).toBe(true);
  expect(publicMessage("wo ".repeat(100).trim())).not.toContain("…");
});

test("a message made to make patterns slow is still bounded", () => {
  for (const piece of ["a.", "a-", "1.", "a+@", "http:/", "a.b@c-"]) {
    const started = performance.now();
    publicMessage(piece.repeat(100_000));
    expect(performance.now() - started).toBeLessThan(500);
  }
});
