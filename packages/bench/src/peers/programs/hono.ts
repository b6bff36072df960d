import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { gatewayLines } from "./gateway-lines.ts";
import { readSurroundings } from "./surroundings.ts";

const { port, chatUrl } = readSurroundings();
const app = new Hono();

app.post("/api/llm/stream", async (context) => {
  const body = await context.req.text();
  return streamSSE(context, async (stream) => {
    const leaving = new AbortController();
    stream.onAbort(() => leaving.abort());
    let id = 0;
    try {
      for await (const line of gatewayLines(chatUrl, body, leaving.signal)) {
        id += 1;
        const data = JSON.stringify(JSON.parse(line));
        await stream.writeSSE({ data, id: String(id) });
      }
    } catch (failure) {
      if (!leaving.signal.aborted) throw failure;
    }
  });
});

serve({ fetch: app.fetch, port, hostname: "127.0.0.1" });
