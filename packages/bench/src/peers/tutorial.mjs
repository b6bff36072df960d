// How tutorials relay a gateway, with what is needed for it to run at all: lines that are split over
// two pieces are put together, and a reader who leaves is not written to.
import axios from "axios";
import express from "express";

const { PORT, CHAT_URL = "" } = process.env;
const app = express();
app.use(express.json());

app.post("/api/llm/stream", (request, response) => {
  relay(request, response).catch(() => response.status(502).end());
});

async function relay(request, response) {
  const body = { ...request.body, stream: true };
  const answer = await axios.post(CHAT_URL, body, { responseType: "stream" });
  response.setHeader("Content-Type", "text/event-stream");
  response.setHeader("Cache-Control", "no-cache");
  response.setHeader("Connection", "keep-alive");
  response.flushHeaders();
  let text = "";
  answer.data.on("data", (piece) => {
    text += piece.toString();
    const lines = text.split("\n");
    text = lines.pop();
    for (const line of lines) {
      if (line.trim() === "" || response.destroyed) continue;
      response.write(`data: ${JSON.stringify(JSON.parse(line))}\n\n`);
    }
  });
  answer.data.on("end", () => response.end());
  answer.data.on("error", () => response.end());
}

app.listen(Number(PORT), "127.0.0.1", 4096);
