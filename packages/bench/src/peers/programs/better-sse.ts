import { createServer } from "node:http";
import { createSession } from "better-sse";
import { gatewayLines } from "./gateway-lines.ts";
import { readSurroundings } from "./surroundings.ts";

const { port, chatUrl } = readSurroundings();
const body = JSON.stringify({ stream: true });

const server = createServer((request, response) => {
  const leaving = new AbortController();
  response.on("close", () => leaving.abort());
  relay().catch(() => response.destroy());

  async function relay(): Promise<void> {
    const session = await createSession(request, response);
    let id = 0;
    for await (const line of gatewayLines(chatUrl, body, leaving.signal)) {
      id += 1;
      session.push(JSON.parse(line), "message", String(id));
    }
    response.end();
  }
});
server.listen({ port, host: "127.0.0.1", backlog: 4096 });
