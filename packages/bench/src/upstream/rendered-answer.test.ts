import { createServer } from "node:net";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { linesOfJson, openai } from "./dialect.ts";
import { tokenMark } from "./plan.ts";
import { renderAnswer, type RenderedAnswer } from "./rendered-answer.ts";

/** What an HTTP client makes of the bytes. */
async function bodyOf({ head, block, end }: RenderedAnswer): Promise<string> {
  const server = createServer((socket) => {
    socket.once("data", () => socket.write(Buffer.concat([head, block, end])));
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  const response = await fetch(`http://127.0.0.1:${port}`, { headers: { Connection: "close" } });
  return response.text();
}

const plan = { tokens: 25, tokensPerChunk: 10, everyMs: 0 };

test("an answer has all its tokens, also when the last chunk has fewer", async () => {
  const lines = (await bodyOf(renderAnswer(plan, linesOfJson))).trim().split("\n");
  const objects = lines.map((line) => JSON.parse(line));
  expect(objects.slice(0, -1).map(({ index }) => index)).toEqual([...Array(25).keys()]);
  expect(objects.at(-1)).toEqual({ type: "stop" });
});

test("each token carries the mark once, and nothing else does", async () => {
  const text = await bodyOf(renderAnswer(plan, openai));
  expect(text.split(tokenMark)).toHaveLength(26);
  expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
});

test("a chunk of HTTP holds as many tokens as the plan says", () => {
  const { block } = renderAnswer(plan, linesOfJson);
  const [firstChunk = ""] = block.toString().split("\r\n").slice(1);
  expect(firstChunk.split("\n").filter(Boolean)).toHaveLength(10);
});

test("an answer without an end is a block that can be repeated", () => {
  expect(renderAnswer({ ...plan, tokens: 0 }, linesOfJson).tokensOfBlock).toBe(500);
});
