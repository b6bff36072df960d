import { requestIdHeader } from "@gatestream/protocol";
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { type Authenticate, type Caller, admit } from "../access/caller.ts";
import type { CheckHost, CheckOrigin } from "../access/origins.ts";
import { RelayError, toRelayError } from "../errors.ts";
import { loggedPath } from "../observe/logged-names.ts";
import type { Observer } from "../observe/observer.ts";
import { answerPreflight, grantCors, replyWithError } from "./reply.ts";

/** A request of a caller who may call, and its response. */
export interface AdmittedExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly caller: Caller;
  /** What stands behind `?`. */
  readonly query: string;
}

/** What a path does for one method. */
export interface Route {
  readonly method: string;
  /** What it throws becomes the reply. */
  readonly run: (exchange: AdmittedExchange) => Promise<void>;
}

/** The routes at a path; none where nothing is. */
export type RoutesAt = (path: string) => readonly Route[];

/** For operators, by path: what answers GET and HEAD at the root, without authentication. */
export type Operations = Readonly<Record<string, (response: ServerResponse) => Promise<void>>>;

/** Who may call. */
export interface Admission {
  readonly checkHost: CheckHost;
  readonly checkOrigin: CheckOrigin;
  readonly authenticate: Authenticate;
}

export interface RouterOptions extends Admission {
  readonly basePath: string;
  /** Below the base path, for those who may call. */
  readonly routesAt: RoutesAt;
  readonly operations: Operations;
  readonly isDraining: () => boolean;
  readonly observe: Observer;
}

/**
 * Handles a request of node:http. Where a host framework gives `next`, it is called for paths that
 * are not below the base path; otherwise they are the operations', or 404.
 */
export type RequestHandler = (
  request: (IncomingMessage | Http2ServerRequest) & { readonly originalUrl?: string | undefined },
  response: ServerResponse | Http2ServerResponse,
  next?: () => void,
) => void;

/** Finds the route of a request, and turns any failure into one reply. */
export function createRouter(options: RouterOptions): RequestHandler {
  const { basePath, observe, operations } = options;

  async function run(
    [path = "", query = ""]: readonly string[],
    { request, response, requestId }: Pick<AdmittedExchange, "request" | "response" | "requestId">,
  ): Promise<void> {
    options.checkHost(request);
    // A kept-alive connection would be reused after the relay has stopped.
    if (options.isDraining() && request.httpVersionMajor === 1) {
      response.setHeader("Connection", "close");
    }
    const operation = Object.hasOwn(operations, path) ? operations[path] : undefined;
    if (operation !== undefined) {
      if (request.method !== "GET" && request.method !== "HEAD") throw notAllowed(["GET", "HEAD"]);
      await operation(response);
      return;
    }
    const grant = options.checkOrigin(request.headers);
    if (grant !== undefined) grantCors(response, grant);
    const isBelow = path.startsWith(`${basePath}/`);
    const routes = isBelow ? options.routesAt(path.slice(basePath.length)) : [];
    if (grant !== undefined && isPreflight(request)) {
      answerPreflight(request, response, methodsOf(routes));
      return;
    }
    if (routes.length === 0) throw new RelayError("not_found", "There is nothing at this path.");
    const route = routes.find(({ method }) => method === request.method);
    if (route === undefined) throw notAllowed(methodsOf(routes));
    const caller = await admit(options.authenticate, request, grant);
    return route.run({ request, response, requestId, caller, query });
  }

  return (givenRequest, givenResponse, next) => {
    // The compatibility API of node:http2 has all that is used here.
    const request = givenRequest as IncomingMessage & { readonly originalUrl?: string };
    const response = givenResponse as ServerResponse;
    // A host that mounts the handler below a path of its own cuts that path off `url`.
    const target = (request.originalUrl ?? request.url ?? "").split("?", 2);
    const [path = ""] = target;
    if (next !== undefined && path !== basePath && !path.startsWith(`${basePath}/`)) {
      next();
      return;
    }
    const requestId = requestIdOf(request);
    run(target, { request, response, requestId }).catch((failure: unknown) => {
      const error = toRelayError(failure);
      const { method = "" } = request;
      observe({ type: "request_refused", requestId, method, path: loggedPath(path), error });
      // Too late for a status: the missing terminal event shows the reader that the stream was cut.
      if (response.headersSent && !response.writableEnded) response.destroy();
      else replyWithError(response, error, requestId);
    });
  };
}

function methodsOf(routes: readonly Route[]): string[] {
  return routes.map(({ method }) => method);
}

function notAllowed(methods: readonly string[]): RelayError {
  const headers = { Allow: methods.join(", ") };
  return new RelayError("method_not_allowed", `This path takes ${headers.Allow}.`, { headers });
}

function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === "OPTIONS" && headers["access-control-request-method"] !== undefined;
}

/** The caller's own id, where it is safe to repeat; otherwise a new one. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers[requestIdHeader.toLowerCase()];
  return typeof given === "string" && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}
