import type { IncomingMessage, ServerResponse } from "node:http";

import type { CallLog, CallRecord, EmulatorCall } from "../calls/call-log.ts";
import type { Dialect } from "../dialects/dialect.ts";
import { genesys } from "../dialects/genesys/genesys.ts";
import { type Exchange, createExchange } from "./exchange.ts";
import type { Refusal } from "./refusal.ts";
import { sendRefusal } from "./send-refusal.ts";

export interface Route {
  readonly kind: EmulatorCall["kind"];
  readonly dialect: Dialect;
  /** @defaultValue `"POST"` */
  readonly method?: "GET";
  readonly answer: (exchange: Exchange, record: CallRecord) => Promise<void>;
}

export interface Router {
  handler(this: void, request: IncomingMessage, response: ServerResponse): void;
  /** Destroys what is still running; resolves when nothing runs any more. */
  close(): Promise<void>;
}

/** Sends each request to its route, records it, and sees it to its end. */
export function createRouter(log: CallLog, routeAt: (path: string) => Route | undefined): Router {
  const running = new Map<ServerResponse, Promise<void>>();

  async function follow(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = routeAt(pathOf(request));
    const dialect = route?.dialect ?? genesys;
    const record =
      route && log.open({ kind: route.kind, dialect: dialect.name }, flat(request.headers));
    const exchange = createExchange(request, response, {
      dialect,
      onStatus: (status) => record?.update({ status }),
    });
    const { writer } = exchange;
    const over = untilAborted(writer.over).then(() =>
      record?.end(writer.isComplete() ? "answered" : "aborted"),
    );
    try {
      if (route === undefined || record === undefined) sendRefusal(exchange, notFound);
      else if (request.method !== (route.method ?? "POST")) {
        sendRefusal(exchange, methodNotAllowed(route.method ?? "POST"));
      } else await route.answer(exchange, record);
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
  sendRefusal(exchange, { reason: "failed", message: `The emulator failed: ${String(error)}` });
}

const notFound: Refusal = { reason: "not-found" };
const methodNotAllowed = (allowed: string): Refusal => ({
  reason: "method-not-allowed",
  headers: { Allow: allowed },
});

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
