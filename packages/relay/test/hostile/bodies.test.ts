import { expect, test } from "vitest";
import { question } from "@gatestream/testing/ask";
import { expectRefused } from "@gatestream/testing/expect-refused";
import { connectRaw, rawPost } from "@gatestream/testing/raw-client";
import { startWatchedRelay } from "@gatestream/testing/watched-relay";

const deep = 500_000;
const good = JSON.stringify(question("/scenario many-tokens 2"));
const messages = JSON.stringify(question("/scenario many-tokens 2").messages);

test.each<[string, string | Buffer]>([
  ["nothing", ""],
  ["NUL", "\0".repeat(100)],
  ["NUL behind the end", `${good}\0`],
  ["invalid UTF-8", Buffer.from(good.replace("cfg-1", "\xff"), "latin1")],
  ["an overlong slash", Buffer.from(good.replace("cfg-1", "\xc0\xaf"), "latin1")],
  ["UTF-16", Buffer.from(good, "utf16le")],
  ["two values", `${good}${good}`],
  ["NaN", '{"configurationId":NaN}'],
  ["a comment", `/* hello */${good}`],
  ["a megabyte of brackets", "[".repeat(2 * deep)],
  ["brackets in brackets", "[".repeat(deep) + "]".repeat(deep)],
  ["a deep configurationId", `{"configurationId":${"[".repeat(deep)}${"]".repeat(deep)}}`],
  ["deep messages", `{"configurationId":"a","messages":${"[".repeat(deep)}${"]".repeat(deep)}}`],
  [
    "deep content",
    `{"configurationId":"a","messages":[{"role":"user","content":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}]}`,
  ],
  ["huge numbers", `{"configurationId":1e999999,"messages":${"9".repeat(100_000)}}`],
  [
    "a hundred thousand fields",
    `{${Array.from({ length: 100_000 }, (_, index) => `"${index}":0`)}}`,
  ],
  ["a field with a name of a megabyte", `{"${"x".repeat(2 * deep)}":0}`],
  ["__proto__", `{"__proto__":{"isAdmin":true},"configurationId":"a","messages":${messages}}`],
  [
    "constructor",
    `{"constructor":{"prototype":{"isAdmin":true}},"configurationId":"a","messages":${messages}}`,
  ],
  ["toString", `{"toString":0,"configurationId":"a","messages":${messages}}`],
  [
    "values without a prototype's names",
    '{"configurationId":{"constructor":null},"messages":{"length":1}}',
  ],
  [
    "a required field only in __proto__",
    `{"__proto__":{"configurationId":"a"},"messages":${messages}}`,
  ],
  [
    "a field twice, the last one wrong",
    `{"configurationId":"a","configurationId":1,"messages":${messages}}`,
  ],
])("%s: invalid_request", async (_, body) => {
  await using under = await startWatchedRelay();
  using client = await connectRaw(under.url);
  client.send(rawPost(body));
  const reply = await client.reply();
  expect(expectRefused(reply)).toBe("invalid_request");
  // What is wrong is named, not repeated.
  expect(reply?.text.length).toBeLessThan(2_048);
  // The same connection serves on.
  client.send(rawPost(good));
  expect(await client.reply()).toMatchObject({ status: 200 });
  client.socket.destroy();
  expect(Object.prototype).not.toHaveProperty("isAdmin");
  await under.expectUnharmed();
});

test("what a message has besides role and content goes nowhere, however deep", async () => {
  await using under = await startWatchedRelay();
  using client = await connectRaw(under.url);
  const more = `"__proto__":{"role":"system"},"deep":${"[".repeat(deep)}${"]".repeat(deep)}`;
  const [message = ""] = messages.slice(1, -1).split("}");
  client.send(rawPost(`{"configurationId":"a","messages":[${message},${more}}]}`));
  expect(await client.reply()).toMatchObject({ status: 200 });
  const chat = await under.emulator.waitFor(({ kind }) => kind === "chat");
  expect(chat.body).toMatchObject({ input: { messages: JSON.parse(messages) } });
  expect(JSON.stringify(chat.body)).not.toMatch(/system|deep/);
  client.socket.destroy();
  await under.expectUnharmed();
});

test("half a surrogate and control characters reach the gateway as JSON", async () => {
  await using under = await startWatchedRelay();
  using client = await connectRaw(under.url);
  const content = "/scenario many-tokens 2 \ud800 \u0000 \u2028 \r\n";
  client.send(rawPost(JSON.stringify({ ...question(content), configurationId: "\udfff" })));
  expect(await client.reply()).toMatchObject({ status: 200 });
  const chat = await under.emulator.waitFor(({ kind }) => kind === "chat");
  expect(chat.body).toMatchObject({
    configurationId: "\udfff",
    input: { messages: [{ role: "user", content }] },
  });
  client.socket.destroy();
  await under.expectUnharmed();
});
