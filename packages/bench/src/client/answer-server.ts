import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { textOfToken } from "./answer-text.ts";

export interface AnswerServer {
  readonly url: string;
  close(): void;
}

export interface AnswerServerOptions {
  readonly tokens: number;
  /** By the clock. @defaultValue flat out: twenty a millisecond, and late when its timers are */
  readonly tokensPerSecond?: number;
  /** Scripts of pages: `/page/<name>` runs the one of that name. */
  readonly scripts: ReadonlyMap<string, string>;
}

const flatOutEventsPerTurn = 20;

/** Answers as the relay and as the AI SDK spell them. */
export async function startAnswerServer({
  tokens,
  tokensPerSecond,
  scripts,
}: AnswerServerOptions): Promise<AnswerServer> {
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    const [, kind, name = ""] = path.split("/");
    const answer = (events: string[]) => void sendAnswer(response, events, tokensPerSecond);
    if (kind === "page") sendPage(response, name);
    else if (kind === "script") send(response, "text/javascript", scripts.get(name) ?? "");
    else if (kind === "stream") answer(relayEvents(tokens));
    else if (kind === "ui-messages") answer(uiMessageEvents(tokens));
    else response.writeHead(404).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function sendPage(response: ServerResponse, name: string): void {
  send(
    response,
    "text/html",
    `<!doctype html><script type="module" src="/script/${name}"></script>`,
  );
}

function send(response: ServerResponse, contentType: string, text: string): void {
  response.writeHead(200, { "Content-Type": contentType }).end(text);
}

async function sendAnswer(
  response: ServerResponse,
  events: readonly string[],
  eventsPerSecond: number | undefined,
): Promise<void> {
  response.writeHead(200, {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    "X-Stream-Id": "bench",
    "x-vercel-ai-ui-message-stream": "v1",
  });
  const begunAtMs = performance.now();
  let sent = 0;
  while (sent < events.length && !response.destroyed) {
    const seconds = (performance.now() - begunAtMs) / 1e3;
    // By the clock, what a late timer has held up goes with the next write.
    const due =
      eventsPerSecond === undefined
        ? sent + flatOutEventsPerTurn
        : 1 + Math.floor(seconds * eventsPerSecond);
    if (due > sent) response.write(events.slice(sent, due).join(""));
    sent = Math.max(sent, due);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  response.end();
}

function relayEvents(tokens: number): string[] {
  const start = {
    type: "start",
    streamId: "bench",
    resumable: false,
    resumableForMs: 0,
    heartbeatMs: 15_000,
  };
  const event = (id: number, value: object): string =>
    `data: ${JSON.stringify(value)}\nid: ${id}\n\n`;
  return [
    `retry: 2000\nevent: start\n${data(start)}`,
    ...Array.from({ length: tokens }, (_, index) =>
      event(index + 1, { type: "token", content: textOfToken, index }),
    ),
    event(tokens + 1, { type: "stop", reason: "stop" }),
  ];
}

function uiMessageEvents(tokens: number): string[] {
  return [
    data({ type: "start" }),
    data({ type: "start-step" }),
    data({ type: "text-start", id: "1" }),
    ...Array.from({ length: tokens }, () =>
      data({ type: "text-delta", id: "1", delta: textOfToken }),
    ),
    data({ type: "text-end", id: "1" }),
    data({ type: "finish-step" }),
    data({ type: "finish" }),
    "data: [DONE]\n\n",
  ];
}

function data(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}
