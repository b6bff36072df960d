import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { startOpenai } from "./openai-under-test.ts";

const page = new URL("../../../docs/adapters/openai.md", import.meta.url);
const documented = "https://relay.example.com";

/** The examples of the page in a language, one after the other. */
async function examplesIn(language: string): Promise<readonly string[]> {
  const blocks = (await readFile(page, "utf8")).matchAll(/^```(\w+)\n(.*?)^```$/gms);
  return [...blocks].flatMap(([, of, code = ""]) => (of === language ? [code] : []));
}

const AsyncFunction = (async () => {}).constructor as new (
  ...parts: string[]
) => (...values: unknown[]) => Promise<Record<string, unknown>>;

const modules: Readonly<Record<string, () => Promise<object>>> = {
  openai: () => import("openai"),
  "@langchain/openai": () => import("@langchain/openai"),
  "@ai-sdk/openai-compatible": () => import("@ai-sdk/openai-compatible"),
  ai: () => import("ai"),
};

test("the examples of the page run, one after the other", async () => {
  await using under = await startOpenai();
  const examples = await examplesIn("ts");
  expect(examples).toHaveLength(5);
  const code = examples
    .join("\n")
    .replaceAll(/^import (\w+) from "(.+)";$/gm, 'const { default: $1 } = await load("$2");')
    .replaceAll(/^import (\{.+\}) from "(.+)";$/gm, 'const $1 = await load("$2");')
    .replaceAll(documented, under.url);
  const printed: string[] = [];
  const run = new AsyncFunction("load", "console", `${code}\nreturn { last, response, chunks };`);
  const { last, response, chunks } = await run((name: string) => modules[name]?.(), {
    log: (text: string) => printed.push(text),
  });
  expect(response).toMatchObject({ status: "completed", output_text: expect.stringMatching(/./) });
  expect(last).toBeGreaterThan(6);
  expect(chunks).toMatch(/data: \[DONE\]\nid: \d+\n\n$/);
  // LangChain's and the AI SDK's.
  const text = (response as { readonly output_text: string }).output_text;
  expect(printed.join("")).toBe(text + text);
});

test("the example for curl runs", async () => {
  await using under = await startOpenai();
  const [example = ""] = await examplesIn("sh");
  const { stdout } = await promisify(execFile)("sh", [
    "-c",
    example.replaceAll(documented, under.url),
  ]);
  expect(stdout).toMatch(/data: \[DONE\]\nid: \d+\n\n$/);
});
