import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { textOfToken } from "./answer.ts";

export interface AnswerServerOptions {
  readonly tokens: number;
  /** By the clock: what a late timer has held up goes with the next write. */
  readonly tokensPerSecond: number;
  /** Scripts of pages: `/page/<name>` runs the one of that name. */
  readonly scripts: ReadonlyMap<string, string>;
}

/** Answers as the relay and as the AI SDK spell them. */
export async function startAnswerServer(options: AnswerServerOptions) {
  const { tokens, tokensPerSecond, scripts } = options;
  const server = createServer((request, response) => {
    const [, kind, name = ""] = (request.url ?? "/").split("/");
    const script = scripts.get(name);
    if (kind === "stream") void sendAnswer(response, relayEvents(tokens), tokensPerSecond);
    else if (kind === "ui-messages")
      void sendAnswer(response, messageEvents(tokens), tokensPerSecond);
    else if (kind === "page" && script !== undefined) {
      const page = `<!doctype html><script type="module">${script}</script>`;
      response.writeHead(200, { "Content-Type": "text/html" }).end(page);
    } else response.writeHead(404).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function sendAnswer(
  response: ServerResponse,
  events: readonly string[],
  eventsPerSecond: number,
): Promise<void> {
  response.writeHead(200, {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    "X-Stream-Id": "bench",
    "x-vercel-ai-ui-message-stream": "v1",
  });
  const startedAt = performance.now();
  let sent = 0;
  while (sent < events.length && !response.destroyed) {
    const seconds = (performance.now() - startedAt) / 1e3;
    const due = 1 + Math.floor(seconds * eventsPerSecond);
    if (due > sent) response.write(events.slice(sent, due).join(""));
    sent = Math.max(sent, due);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  response.end();
}

function relayEvents(tokens: number): string[] {
  const times = { resumableForMs: 0, heartbeatMs: 15_000 };
  const start = { type: "start", streamId: "bench", resumable: false, ...times };
  const event = (value: object, id: number): string =>
    `data: ${JSON.stringify(value)}\nid: ${id}\n\n`;
  return [
    `retry: 2000\nevent: start\n${data(start)}`,
    ...Array.from({ length: tokens }, (_, index) =>
      event({ type: "token", content: textOfToken, index }, index + 1),
    ),
    event({ type: "stop", reason: "stop" }, tokens + 1),
  ];
}

function messageEvents(tokens: number): string[] {
  const delta = data({ type: "text-delta", id: "1", delta: textOfToken });
  return [
    ...[{ type: "start" }, { type: "start-step" }, { type: "text-start", id: "1" }].map(data),
    ...Array.from({ length: tokens }, () => delta),
    ...[{ type: "text-end", id: "1" }, { type: "finish-step" }, { type: "finish" }].map(data),
    "data: [DONE]\n\n",
  ];
}

function data(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}
