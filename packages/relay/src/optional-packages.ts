import { socketPath } from "@gatestream/protocol";
import type * as Providers from "@gatestream/relay-providers";
import type { Authenticate } from "./access/caller.ts";
import type { RequestCounter } from "./access/limits.ts";
import type { HttpProvider } from "./gateway/http-provider.ts";
import type { AnswerFlow, AnswerSink, Provider, ProviderContext } from "./gateway/provider.ts";
import { noWebSocket, type OpenTransport, type UpgradeTransport } from "./http/upgrades.ts";
import type { ResumableLog } from "./log/event-log.ts";
import { describeError, RelayError } from "./errors.ts";
import type { Adapter } from "./http/adapter.ts";
import type { Observer, RelayMetrics } from "./observe/observer.ts";
import { forwardTrace, type StartTrace } from "./observe/trace.ts";
import type { RelaySettings } from "./settings/setting-table.ts";
import manifest from "../package.json" with { type: "json" };

// Each `import()` stands in a `try` of its own, so that bundlers do without a package that is not
// installed; Turbopack wants that where others are content with a handler of the rejection. One that fails
// before anything awaits it is no unhandled rejection: whatever needs the package reports the failure.

/** The version of this package. */
export const packageVersion = manifest.version;

function notLoaded(name: string, cause: unknown): Error {
  return new Error(`The package ${name} cannot be loaded.`, { cause });
}

async function importAuth() {
  try {
    return await import("@gatestream/relay-auth");
  } catch (cause) {
    throw notLoaded("@gatestream/relay-auth", cause);
  }
}

async function importMetrics() {
  try {
    return await import("@gatestream/relay-metrics");
  } catch {
    return undefined;
  }
}

async function importTracing() {
  try {
    return await import("@gatestream/relay-opentelemetry");
  } catch {
    return undefined;
  }
}

async function importProviders() {
  try {
    return await import("@gatestream/relay-providers");
  } catch (cause) {
    throw notLoaded("@gatestream/relay-providers", cause);
  }
}

async function importRedis() {
  try {
    return await import("@gatestream/relay-redis");
  } catch (cause) {
    throw notLoaded("@gatestream/relay-redis", cause);
  }
}

async function importWebSocket() {
  try {
    return await import("@gatestream/relay-websocket");
  } catch (cause) {
    throw noWebSocket({ cause });
  }
}

async function importAdapters() {
  try {
    return await import("@gatestream/relay-adapters");
  } catch (cause) {
    throw notLoaded("@gatestream/relay-adapters", cause);
  }
}

/** Closes what was loaded, if it was. */
async function closeLoaded(
  loading: Promise<{ close(): void | Promise<void> } | undefined>,
): Promise<void> {
  const loaded = await loading.catch(() => undefined);
  await loaded?.close();
}

/** `auth: "jwt"`. Where the package cannot be loaded, every request fails. */
export function loadJwtAuthenticator(settings: RelaySettings): Authenticate {
  const loading = importAuth().then((part) => part.createJwtAuthenticator(settings));
  loading.catch(() => {});
  return async (request) => (await loading)(request);
}

/** Counts from the beginning, where the package is installed. Where it fails, a scrape reports it. */
export function loadMetrics(): RelayMetrics {
  const loading = importMetrics().then((part) => part?.createMetrics({ version: packageVersion }));
  loading.catch(() => {});
  return {
    observe: (event) =>
      loading.then(
        (metrics) => metrics?.observe(event),
        () => {},
      ),
    text: async () => (await loading)?.text(),
    close: () => closeLoaded(loading),
  };
}

/** Until the package is loaded, and where it is not installed, the caller's trace is passed on. */
export function loadTracing(): StartTrace {
  let startTrace = forwardTrace;
  const loading = importTracing().then((part) => {
    startTrace = part?.openTelemetry() ?? forwardTrace;
  });
  loading.catch(() => {});
  return (...stream) => startTrace(...stream);
}

/** A provider beside the relay. What is asked before the package is loaded is asked then. */
export function loadProvider(
  name: string,
  create: (part: typeof Providers) => HttpProvider,
): Provider {
  let provider: HttpProvider | undefined;
  const loading = importProviders().then((part) => (provider = create(part)));
  loading.catch(() => {});

  function openLater(
    context: ProviderContext,
    sink: AnswerSink,
    open: (loaded: HttpProvider) => AnswerFlow | undefined,
  ): AnswerFlow {
    let flow: AnswerFlow | undefined;
    loading
      .then((loaded) => {
        context.signal.throwIfAborted();
        flow = open(loaded);
        if (flow === undefined) sink.end();
      })
      .catch((failure: unknown) => sink.end(failure));
    return { resume: () => flow?.resume(), cancel: (reason) => flow?.cancel(reason) };
  }

  return {
    name,
    open(request, context, sink) {
      return (
        provider?.open(request, context, sink) ??
        openLater(context, sink, (loaded) => loaded.open(request, context, sink))
      );
    },
    reattach: (handle, context, sink) =>
      openLater(context, sink, (loaded) => loaded.reattach?.(handle, context, sink)),
    async *check(signal) {
      yield* (await loading).check?.(signal) ?? [];
    },
    close: () => closeLoaded(loading),
  };
}

/** What relays on one Redis share. */
export interface Shared {
  createLog(): ResumableLog;
  readonly countRequest: RequestCounter;
  close(): Promise<void>;
}

/** `redisUrl`: connects in the background. Where the package cannot be loaded, Redis is away. */
export function loadRedis(settings: RelaySettings, observe: Observer): Shared {
  const loading = importRedis().then((part) => part.shareOverRedis(settings, observe));
  loading.catch((failure: Error) => observe({ type: "redis_lost", failure }));
  return {
    createLog: () => lazyLog(loading.then((shared) => shared.createLog())),
    countRequest: async (...request) => (await loading).countRequest(...request),
    close: () => closeLoaded(loading),
  };
}

function lazyLog(loading: Promise<ResumableLog>): ResumableLog {
  let loaded: ResumableLog | undefined;
  loading.then((log) => (loaded = log)).catch(() => {});
  return {
    isShared: true,
    get isReady() {
      return loaded?.isReady ?? false;
    },
    create: async (...stream) => (await loading).create(...stream),
    follow: async (...reader) => (await loading).follow(...reader),
    find: async (streamId) => (await loading).find(streamId),
    findByConversation: async (conversationId) =>
      (await loading).findByConversation?.(conversationId) ?? [],
    claim: async (...key) => (await loading).claim(...key),
    release: async (key) => (await loading).release(key),
    cancel: async (streamId) => (await loading).cancel(streamId),
    onLost(continueStream) {
      loading.then((log) => log.onLost?.(continueStream)).catch(() => {});
    },
    hasReadersElsewhere: async (...stream) => (await loading).hasReadersElsewhere(...stream),
    close: () => closeLoaded(loading),
  };
}

/** The WebSocket, whose package is loaded for the first client that asks for one. */
export const lazyWebSocket: UpgradeTransport = {
  path: socketPath,
  open(relay) {
    let opened: Promise<OpenTransport> | undefined;
    const load = async (): Promise<OpenTransport> => {
      const { webSocket } = await importWebSocket();
      return webSocket().open(relay);
    };
    return {
      upgrade: async (upgrade) => (await (opened ??= load())).upgrade(upgrade),
      close: async () => (await opened)?.close(),
    };
  },
};

/** Below which path an adapter has its routes, where that is not its name. */
const adapterPaths: Readonly<Record<string, string>> = { openai: "/v1" };

/** An adapter of `@gatestream/relay-adapters`, which is loaded for the first request. */
export function lazyAdapter(name: string): Adapter {
  const path = adapterPaths[name] ?? `/${name}`;
  let loading: Promise<Adapter> | undefined;
  let adapter: Adapter | undefined;

  async function load(): Promise<Adapter> {
    loading ??= importAdapters().then((part) => part.adapterNamed(name));
    return (adapter ??= await loading);
  }

  return {
    name,
    routesAt(at) {
      if (at !== path && !at.startsWith(`${path}/`)) return [];
      if (adapter !== undefined) return adapter.routesAt(at);
      return (["GET", "POST", "DELETE"] as const).map((method) => ({
        method,
        async run(exchange) {
          const loaded = await load();
          const route = loaded.routesAt(at).find((each) => each.method === method);
          if (route === undefined) {
            throw new RelayError("not_found", "There is nothing at this path.");
          }
          await route.run(exchange);
        },
      }));
    },
    refusal: (error, requestId) =>
      adapter?.refusal(error, requestId) ?? {
        status: error.status,
        body: { error: describeError(error, requestId) },
      },
  };
}
