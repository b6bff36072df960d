import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { headerNames } from "@gatestream/protocol";
import { RelayError, toRelayError } from "../errors.ts";
import type { Observer } from "../observe/observer.ts";
import { replyWithError } from "../transport/reply.ts";

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
}

export interface Route {
  readonly method: string;
  /** Below the base path. */
  readonly path: string;
  /** What it throws becomes the reply. */
  readonly run: (exchange: Exchange) => Promise<void>;
}

export interface RouterOptions {
  readonly basePath: string;
  readonly routes: readonly Route[];
  readonly observe: Observer;
}

/**
 * Handles a request of node:http. Where a host framework gives `next`, it is called for paths that
 * are not the relay's; otherwise they get 404.
 */
export type RequestHandler = (
  request: IncomingMessage & { readonly originalUrl?: string },
  response: ServerResponse,
  next?: () => void,
) => void;

/** Finds the route of a request, and turns whatever goes wrong in it into one reply. */
export function createRouter({ basePath, routes, observe }: RouterOptions): RequestHandler {
  return (request, response, next) => {
    // A host that mounts the handler below a path of its own cuts that path off `url`.
    const [path = ""] = (request.originalUrl ?? request.url ?? "").split("?");
    if (next !== undefined && path !== basePath && !path.startsWith(`${basePath}/`)) {
      next();
      return;
    }
    const requestId = requestIdOf(request);
    const { method = "" } = request;
    Promise.resolve()
      .then(() => findRoute(method, path, response).run({ request, response, requestId }))
      .catch((failure: unknown) => {
        const error = toRelayError(failure);
        observe({ type: "request_refused", requestId, method, path, error });
        replyWithError(response, error, requestId);
        // Too late for a status: an end without a terminal event tells the reader that it was cut.
        if (!response.writableEnded) response.destroy();
      });
  };

  function findRoute(method: string, path: string, response: ServerResponse): Route {
    const here = routes.filter((route) => basePath + route.path === path);
    if (here.length === 0) throw new RelayError("not_found", "There is nothing at this path.");
    const route = here.find((candidate) => candidate.method === method);
    if (route !== undefined) return route;
    const allowed = here.map((candidate) => candidate.method).join(", ");
    response.setHeader("Allow", allowed);
    throw new RelayError("method_not_allowed", `This path takes ${allowed}.`);
  }
}

/** The caller's own id, where it is safe to repeat; otherwise a new one. */
function requestIdOf(request: IncomingMessage): string {
  const given = request.headers[headerNames.requestId.toLowerCase()];
  return typeof given === "string" && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}
