import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createAnonymousAuthenticator, isLoopback } from "./access/client-address.ts";
import { type Authenticate, createConfigurationCheck, guardMayFollow } from "./access/caller.ts";
import { requireLoopbackHost, type CheckHost, createOriginCheck } from "./access/origins.ts";
import { createSubjectLimits, type SubjectLimits } from "./access/limits.ts";
import { createGenesysProvider } from "./gateway/genesys/provider.ts";
import { guardProvider, type Provider } from "./gateway/provider.ts";
import { continueLost } from "./stream/continue-lost.ts";
import { createStreams } from "./stream/streams.ts";
import {
  lazyAdapter,
  lazyWebSocket,
  loadJwtAuthenticator,
  loadMetrics,
  loadProvider,
  loadRedis,
  loadTracing,
} from "./optional-packages.ts";
import { createMemoryLog } from "./log/memory-log.ts";
import {
  combineObservers,
  type Observer,
  type ObserverEvent,
  type RelayMetrics,
} from "./observe/observer.ts";
import { forwardTrace, type StartTrace } from "./observe/trace.ts";
import { environmentFindings, resolveSettings, type RelayOptions } from "./settings/options.ts";
import { isInstalled } from "./settings/problems.ts";
import { adapterRoutes } from "./http/adapter-routes.ts";
import { createFetchHandler, type FetchHandler } from "./http/fetch.ts";
import { sseFormat } from "./http/sse.ts";
import { createRouter, type RequestHandler } from "./http/router.ts";
import { createOperations, type Readiness, streamRoutes } from "./http/routes.ts";
import { createUpgrades, type UpgradeHandler } from "./http/upgrades.ts";
import type { RelaySettings } from "./settings/setting-table.ts";
import { limitConnections } from "./http/connection-limit.ts";
import { within } from "./timers.ts";

/** Where a relay listens. */
export interface ListeningAt {
  /** Without the base path: `http://127.0.0.1:3000`. */
  readonly url: string;
  readonly port: number;
}

export interface Relay {
  /** For a server of your own: node:http, or middleware of Express and the like. */
  readonly handler: RequestHandler;
  /**
   * For a host that has no server of Node: `Request` in, `Response` out. One whose path is not the
   * relay's is answered 404.
   */
  readonly fetch: FetchHandler;
  /**
   * For a server of your own: `server.on("upgrade", relay.upgrade)` lets pages open a WebSocket.
   * Returns false, and does nothing, where the path is not the relay's.
   */
  readonly upgrade: UpgradeHandler;
  /**
   * Starts a server at `port` and `host`.
   *
   * @throws the system's error when the port is taken.
   */
  listen(): Promise<ListeningAt>;
  /**
   * Takes no more requests, lets running streams end within `shutdownGraceMs`, ends the others with
   * `relay_draining`, and closes every connection. Safe to call twice.
   */
  close(): Promise<void>;
}

/**
 * A relay that asks one upstream.
 *
 * @throws OptionsError listing everything that is wrong with `options`.
 */
export function createRelay(options: RelayOptions): Relay {
  const settings = resolveSettings(options);
  const warning = options[environmentFindings]?.warning;
  if (warning !== undefined) process.emitWarning(warning, "GatestreamWarning");
  return assembleRelay(options, settings, loadMetrics());
}

/** Assembles the relay. The owner of `metrics` may add metrics of its own. */
export function assembleRelay(
  options: RelayOptions,
  settings: RelaySettings,
  metrics: RelayMetrics,
): Relay {
  const { observer = warnOfFaults } = options;
  const shared =
    settings.redisUrl === "" ? undefined : loadRedis(settings, (event) => observe(event));
  const limits = createSubjectLimits(settings, shared?.countRequest);
  const observe = combineObservers(metrics.observe, observer, spendTokens(limits));
  const provider = createProvider(options, settings);
  const memoryLog = settings.resume === "memory" ? createMemoryLog(settings) : undefined;
  const sharedLog = settings.resume === "redis" ? shared?.createLog() : undefined;
  const log = options.log ?? memoryLog ?? sharedLog;
  options.log?.reportTo?.(observe);
  options.audit?.reportTo?.(observe);
  const streams = createStreams();
  const [firstFormat = sseFormat, ...otherFormats] = options.formats ?? [];
  const parts = {
    ...settings,
    provider,
    log,
    observe,
    audit: options.audit,
    startTrace: guardTrace(options.startTrace ?? loadTracing()),
    streams,
    formats: [firstFormat, ...otherFormats] as const,
    checkConfiguration: createConfigurationCheck(settings.allowedConfigurations),
    mayFollow: options.mayFollow && guardMayFollow(options.mayFollow),
    limits,
  };
  log?.onLost?.((lost) => continueLost(parts, log, lost));
  // A host that mounts the relay has its own names, and its own check of them.
  const ownSockets = new WeakSet<Socket>();
  const isOpenOnLoopback =
    options.authenticate === undefined &&
    settings.auth !== "jwt" &&
    settings.trustedProxies.length === 0 &&
    isLoopback(settings.host);
  const checkHost: CheckHost = (request) => {
    if (isOpenOnLoopback && ownSockets.has(request.socket)) requireLoopbackHost(request);
  };
  const checkOrigin = createOriginCheck(settings.allowedOrigins);
  const authenticate = options.authenticate ?? createAuthenticator(settings);
  const admission = { checkHost, checkOrigin, authenticate };
  const isWebSocketInstalled = isInstalled("@gatestream/relay-websocket");
  const { transports = isWebSocketInstalled ? [lazyWebSocket] : [] } = options;
  const upgrades = createUpgrades(parts, transports, admission);
  const streamRoutesAt = streamRoutes(parts);
  const adapterRoutesAt = (options.adapters ?? []).map((adapter) =>
    adapterRoutes(parts, typeof adapter === "string" ? lazyAdapter(adapter) : adapter),
  );
  function readiness(): Readiness {
    if (streams.isDraining) return { status: "draining" };
    const isLogAway = log?.isReady === false;
    return isLogAway ? { status: "degraded", reason: "log_away" } : { status: "ready" };
  }
  const handler = createRouter({
    ...admission,
    basePath: settings.basePath,
    routesAt: (path) => [
      ...streamRoutesAt(path),
      ...upgrades.routesAt(path),
      ...adapterRoutesAt.flatMap((routesAt) => routesAt(path)),
    ],
    operations: createOperations(readiness, metrics),
    isDraining: () => streams.isDraining,
    observe,
  });
  const server = createServer(
    {
      requestTimeout: settings.requestTimeoutMs,
      headersTimeout: settings.requestTimeoutMs,
      keepAliveTimeout: settings.keepAliveTimeoutMs,
      // How often node:http looks for requests that take too long: each may take so much longer.
      connectionsCheckingInterval: Math.min(Math.ceil(settings.requestTimeoutMs / 10), 1_000),
      // TCP keep-alive detects connections whose other end has vanished.
      keepAlive: true,
    },
    // Not `handler` itself: node:http would not give `next`, but must not seem to.
    (request, response) => handler(request, response),
  );
  // Unread replies hold a connection, and node:http has no other limit for that.
  server.timeout = settings.slowConsumerTimeoutMs;
  server.on("connection", (socket) => ownSockets.add(socket));
  limitConnections(server, settings.maxConnections, () => observe({ type: "connection_dropped" }));
  server.on("upgrade", upgrades.upgrade);
  let closed: Promise<void> | undefined;

  async function close(): Promise<void> {
    // It still listens: new requests are refused as not ready, or sent elsewhere.
    const drained = streams.drain(settings.shutdownGraceMs);
    server.closeIdleConnections();
    await drained;
    await upgrades.close();
    const stopped = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    server.closeAllConnections();
    const closing = [
      stopped,
      // A host's own may fail, or hang: what is ours is closed all the same.
      within(
        closeTimeoutMs,
        Promise.resolve().then(() => provider.close()),
      ),
      within(
        closeTimeoutMs,
        Promise.resolve().then(() => log?.close()),
      ),
      within(
        closeTimeoutMs,
        Promise.resolve().then(() => options.audit?.close()),
      ),
    ];
    const results = await Promise.allSettled(closing);
    await shared?.close();
    await metrics.close();
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }

  return {
    handler,
    fetch: createFetchHandler(handler),
    upgrade: upgrades.upgrade,
    listen() {
      return new Promise((resolve, reject) => {
        if (closed !== undefined) throw new Error("A relay that was closed cannot listen again.");
        server.once("error", reject);
        server.listen(settings.port, settings.host, () => {
          server.off("error", reject);
          // An AddressInfo, because it listens on a port.
          const { port } = server.address() as AddressInfo;
          const host = settings.host.includes(":") ? `[${settings.host}]` : settings.host;
          resolve({ url: `http://${host}:${port}`, port });
        });
      });
    },
    close: () => (closed ??= close()),
  };
}

/** Counts what answers cost for their callers; those who left before the end pay what was sent. */
function spendTokens(limits: SubjectLimits): Observer {
  return (event) => {
    if (event.type !== "stream_ended" || event.usage === undefined) return;
    const {
      inputTokens = 0,
      outputTokens = 0,
      totalTokens = inputTokens + outputTokens,
    } = event.usage;
    limits.countTokens(event.subject, totalTokens);
  };
}

/** How long a provider and a log may take to close. */
const closeTimeoutMs = 5_000;

/** The upstream that `options` name. */
export function createProvider(options: RelayOptions, settings: RelaySettings): Provider {
  const { provider, genesys, openai, openaiResponses, anthropic } = options;
  if (provider !== undefined) return guardProvider(provider);
  if (genesys !== undefined) return createGenesysProvider(genesys, settings);
  if (openai !== undefined) {
    return loadProvider("openai", (part) => part.createOpenaiProvider(openai, settings));
  }
  if (openaiResponses !== undefined) {
    return loadProvider("openai-responses", (part) =>
      part.createOpenaiResponsesProvider(openaiResponses, settings),
    );
  }
  return loadProvider("anthropic", (part) => part.createAnthropicProvider(anthropic, settings));
}

/** Where tracing fails, or gives no trace, the caller's trace is passed on. */
function guardTrace(startTrace: StartTrace): StartTrace {
  return (...stream) => {
    try {
      const { headers, notify } = startTrace(...stream);
      return { headers, notify };
    } catch {
      return forwardTrace(...stream);
    }
  };
}

function createAuthenticator(settings: RelaySettings): Authenticate {
  return settings.auth === "jwt"
    ? loadJwtAuthenticator(settings)
    : createAnonymousAuthenticator(settings.trustedProxies);
}

/** For a relay without an observer: problems that only the operator can fix must be visible. */
function warnOfFaults(event: ObserverEvent): void {
  const error = "error" in event ? event.error : undefined;
  if (error?.code !== "internal_error" && error?.code !== "gateway_auth_failed") return;
  process.emitWarning(`${error.message} ${String(error.cause)}`, "GatestreamWarning");
}
