import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { streamText } from "ai";
import { readSurroundings } from "./surroundings.ts";

const { port, upstreamUrl } = readSurroundings();
const gateway = createOpenAICompatible({ name: "bench", baseURL: `${upstreamUrl}/v1` });

const server = createServer((request, response) => {
  const leaving = new AbortController();
  response.on("close", () => leaving.abort());
  answer().catch(() => response.destroy());

  async function answer(): Promise<void> {
    const { messages } = JSON.parse(await text(request));
    const result = streamText({
      model: gateway.chatModel("bench"),
      messages,
      abortSignal: leaving.signal,
      onError() {},
    });
    result.pipeUIMessageStreamToResponse(response);
  }
});
server.listen({ port, host: "127.0.0.1", backlog: 4096 });
