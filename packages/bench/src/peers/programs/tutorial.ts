// How tutorials relay a gateway, with what is needed for it to run at all: lines that are split over
// two pieces are put together, and a reader who leaves is not written to.
import type { Readable } from "node:stream";
import axios from "axios";
import express, { type Response } from "express";
import { readSurroundings } from "./surroundings.ts";

const { port, chatUrl } = readSurroundings();
const app = express();
app.use(express.json());

app.post("/api/llm/stream", (request, response) => {
  relay(request.body, response).catch(() => response.status(502).end());
});

async function relay(body: object, response: Response): Promise<void> {
  const answer = await axios.post<Readable>(
    chatUrl,
    { ...body, stream: true },
    { responseType: "stream" },
  );
  response.setHeader("Content-Type", "text/event-stream");
  response.setHeader("Cache-Control", "no-cache");
  response.setHeader("Connection", "keep-alive");
  response.flushHeaders();
  let text = "";
  answer.data.on("data", (piece: Buffer) => {
    text += piece.toString();
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) {
      if (line.trim() === "" || response.destroyed) continue;
      response.write(`data: ${JSON.stringify(JSON.parse(line))}\n\n`);
    }
  });
  answer.data.on("end", () => response.end());
  answer.data.on("error", () => response.end());
}

app.listen(port, "127.0.0.1", 4096);
