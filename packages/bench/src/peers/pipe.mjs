// Converts nothing, checks nothing: the least that a relay in Node can do.
import { createServer, request } from "node:http";

const { PORT, CHAT_URL = "" } = process.env;

createServer((fromReader, toReader) => {
  const toGateway = request(CHAT_URL, { method: "POST", headers: fromReader.headers });
  toGateway.on("response", (answer) => {
    const contentType = answer.headers["content-type"] ?? "";
    toReader.writeHead(answer.statusCode ?? 502, { "Content-Type": contentType });
    answer.pipe(toReader);
  });
  toGateway.on("error", () => toReader.destroy());
  toReader.on("close", () => toGateway.destroy());
  fromReader.pipe(toGateway);
}).listen({ port: Number(PORT), host: "127.0.0.1", backlog: 4096 });
