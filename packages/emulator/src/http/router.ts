import type { IncomingMessage, ServerResponse } from "node:http";

import type { CallLog, CallRecord, EmulatorCall } from "../calls/call-log.ts";
import { type Exchange, createExchange } from "./exchange.ts";
import { sendRefusal } from "./refusal.ts";

export interface Route {
  readonly kind: EmulatorCall["kind"];
  readonly answer: (exchange: Exchange, record: CallRecord) => Promise<void>;
}

export interface Router {
  handler(this: void, request: IncomingMessage, response: ServerResponse): void;
  /** Destroys what is still running; resolves when nothing runs any more. */
  close(): Promise<void>;
}

/** Sends each request to its route, records it, and sees it to its end. */
export function createRouter(log: CallLog, routes: Readonly<Record<string, Route>>): Router {
  const running = new Map<ServerResponse, Promise<void>>();

  async function follow(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = routes[pathOf(request)];
    const record = route && log.open(route.kind, flat(request.headers));
    const exchange = createExchange(request, response, (status) => record?.update({ status }));
    const { writer } = exchange;
    const over = untilAborted(writer.over).then(() =>
      record?.end(writer.isComplete() ? "answered" : "aborted"),
    );
    try {
      if (route === undefined || record === undefined) sendRefusal(exchange, notFound);
      else if (request.method !== "POST") sendRefusal(exchange, methodNotAllowed);
      else await route.answer(exchange, record);
    } catch (error) {
      fail(exchange, error);
    }
    await over;
  }

  return {
    handler(request, response) {
      const following = follow(request, response).finally(() => running.delete(response));
      running.set(response, following);
    },
    async close() {
      const last = [...running.values()];
      for (const response of running.keys()) response.destroy();
      await Promise.all(last);
    },
  };
}

function fail(exchange: Exchange, error: unknown): void {
  const { request, response } = exchange;
  // The peer has left: whatever was under way could only fail.
  if (request.socket.destroyed) return;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const message = `The emulator failed: ${String(error)}`;
  sendRefusal(exchange, { status: 500, code: "internal.server.error", message });
}

const notFound = { status: 404, code: "not.found", message: "There is nothing at this path." };
const methodNotAllowed = {
  status: 405,
  code: "method.not.allowed",
  message: "Only POST is possible here.",
  headers: { Allow: "POST" },
};

function pathOf(request: IncomingMessage): string {
  const [path = ""] = (request.url ?? "").split("?");
  return path;
}

function flat(headers: IncomingMessage["headers"]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value].flat().join(", ")]),
  );
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
