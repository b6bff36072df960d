// Converts nothing, checks nothing: the least that a relay in Node can do.
import { createServer, request } from "node:http";
import { readSurroundings } from "./surroundings.ts";

const { port, chatUrl } = readSurroundings();

createServer((fromReader, toReader) => {
  const toGateway = request(chatUrl, { method: "POST", headers: fromReader.headers });
  toGateway.on("response", (answer) => {
    toReader.writeHead(answer.statusCode ?? 502, {
      "Content-Type": answer.headers["content-type"] ?? "",
    });
    answer.pipe(toReader);
  });
  toGateway.on("error", () => toReader.destroy());
  toReader.on("close", () => toGateway.destroy());
  fromReader.pipe(toGateway);
}).listen({ port, host: "127.0.0.1", backlog: 4096 });
