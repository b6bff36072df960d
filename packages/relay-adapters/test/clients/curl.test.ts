import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { test } from "vitest";
import { describeClient } from "../describe-client.ts";

const run = promisify(execFile);

if (spawnSync("curl", ["--version"]).status === 0) describeCurl();
else test.skip("curl is not installed", () => {});

function describeCurl(): void {
  describeClient({
    name: "curl -N, until [DONE]",
    adapter: "openai",
    onBrokenConnection: "error",
    onEarlyEnd: "error",
    onAbort: "cancel",
    async ask(baseUrl, content, signal) {
      const body = JSON.stringify({
        model: "cfg-1",
        stream: true,
        messages: [{ role: "user", content }],
      });
      const { stdout } = await run(
        "curl",
        [
          "-sNf",
          `${baseUrl}/v1/chat/completions`,
          "-H",
          "Content-Type: application/json",
          "-d",
          body,
        ],
        { signal, maxBuffer: 64 * 1024 * 1024 },
      );
      const data = stdout.split("\n").flatMap((line) => /^data: (.*)$/.exec(line)?.[1] ?? []);
      if (data.pop() !== "[DONE]") throw new Error("The answer broke off.");
      return data.map((json) => JSON.parse(json).choices[0]?.delta.content ?? "").join("");
    },
  });
}
