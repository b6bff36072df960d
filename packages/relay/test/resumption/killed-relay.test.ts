import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { ask } from "@gatestream/testing/ask";
import { eventually } from "@gatestream/testing/eventually";
import { startProcess } from "@gatestream/testing/own-process";
import { startRedis, whyNoRedis } from "@gatestream/testing/redis-server";
import { createReader } from "@gatestream/testing/resuming-reader";

/** A server that speaks OpenAI's Responses, and has one answer, in the background. */
async function startResponsesServer() {
  const asked: string[] = [];
  const readers = new Set<ServerResponse>();
  const frames: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    request.resume();
    response.setHeader("Content-Type", "text/event-stream");
    for (const frame of frames) response.write(frame);
    readers.add(response);
    response.on("close", () => readers.delete(response));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const push = (type: string, fields: object): void => {
    const frame = `data: ${JSON.stringify({ type, sequence_number: frames.length, ...fields })}\n\n`;
    frames.push(frame);
    for (const reader of readers) reader.write(frame);
  };
  push("response.created", { response: { id: "resp_1", status: "queued" } });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    text: (delta: string) => push("response.output_text.delta", { delta }),
    complete: () => push("response.completed", { response: { id: "resp_1" } }),
  };
}

describe.skipIf(whyNoRedis)(
  `a relay that is killed in mid-answer ${whyNoRedis ?? ""}`,
  { timeout: 30_000 },
  () => {
    test("another one continues an answer in the background, exactly", async () => {
      await using redis = await startRedis();
      const upstream = await startResponsesServer();
      const start = async () => {
        const program = await startProcess("relay", {
          relay: {
            port: 0,
            openaiResponses: { baseUrl: upstream.url, apiKey: "demo-key", background: true },
          },
          log: { url: redis.url, leaseMs: 500, commandTimeoutMs: 2_000 },
        });
        onTestFinished(() => program[Symbol.asyncDispose]());
        const { url } = await program.until(({ type }) => type === "listening");
        await program.until(({ type }) => type === "redis_ready");
        return { ...program, url: String(url) };
      };
      const [here, there] = await Promise.all([start(), start()]);
      const reader = createReader();
      await reader.open(
        ask(`${here.url}/api/llm/stream`, {
          configurationId: "gpt",
          messages: [{ role: "user", content: "Hello" }],
          onDisconnect: "detach",
        }),
      );
      for (const text of ["One", ", two", ", three"]) upstream.text(text);
      await reader.readTo(3);
      here.child.kill("SIGKILL");
      upstream.text(", four");
      /** Comes back until the answer has ended, as browsers do. */
      const reading = (async () => {
        while (reader.events.at(-1)?.event.type !== "stop") {
          await reader.comeBack(there.url);
          await reader.readToEnd().catch(() => {});
        }
      })();
      await there.until(({ type }) => type === "stream_continued");
      upstream.text(" and five.");
      upstream.complete();
      await reading;
      const texts = reader.events.map(({ event }) => (event.type === "token" ? event.content : ""));
      expect(texts.join("")).toBe("One, two, three, four and five.");
      const ids = reader.events.flatMap(({ id }) => (id === undefined ? [] : [Number(id)]));
      expect(ids).toEqual([1, 2, 3, 4, 5, 6]);
      await eventually(async () =>
        expect(upstream.asked).toEqual([
          "POST /v1/responses",
          "GET /v1/responses/resp_1?stream=true",
        ]),
      );
    });
  },
);
