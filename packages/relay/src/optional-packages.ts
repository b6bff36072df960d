import { socketPath } from "@gatestream/protocol";
import type { OpenaiOptions } from "@gatestream/relay-providers/settings";
import type { Authenticate } from "./access/caller.ts";
import type { RequestCounter } from "./access/limits.ts";
import type { HttpProvider, UpstreamSettings } from "./gateway/http-provider.ts";
import type { AnswerFlow, Provider } from "./gateway/provider.ts";
import { type OpenTransport, type UpgradeTransport, noWebSocket } from "./http/upgrades.ts";
import type { ResumableLog } from "./log/event-log.ts";
import type { RelayMetrics } from "./observe/observer.ts";
import type { Observer, ObserverEvent } from "./observe/observer.ts";
import { forwardTrace, type StartTrace } from "./observe/trace.ts";
import { isInstalled } from "./settings/problems.ts";
import type { RelaySettings } from "./settings/setting-table.ts";
import manifest from "../package.json" with { type: "json" };

// An import that fails before anything awaits it is no unhandled rejection: whatever needs the
// package reports the failure.

/** The version of this package. */
export function packageVersion(): string {
  return manifest.version;
}

/** Reports that a package cannot be loaded. */
function failWith(name: string): (cause: unknown) => never {
  return (cause) => {
    throw new Error(`The package ${name} cannot be loaded.`, { cause });
  };
}

/** Closes what was loaded, if it was. */
async function closeLoaded(
  loading: Promise<{ close(): void | Promise<void> } | undefined>,
): Promise<void> {
  const loaded = await loading.catch(() => undefined);
  await loaded?.close();
}

/**
 * Checks tokens with the optional package `@gatestream/relay-auth`, which begins to load at once.
 * When it cannot be loaded, every request fails.
 */
export function loadJwtAuthenticator(settings: RelaySettings): Authenticate {
  const loading = import("@gatestream/relay-auth")
    .catch(failWith("@gatestream/relay-auth"))
    .then(({ createJwtAuthenticator }) => createJwtAuthenticator(settings));
  loading.catch(() => {});
  return async (request) => (await loading)(request);
}

/**
 * Counts with the optional package `@gatestream/relay-metrics`, which begins to load at once; what
 * happens until it is there is counted then. Where it is not installed, nothing is counted.
 */
export function loadMetrics(): RelayMetrics {
  const early: ObserverEvent[] = [];
  let observe: Observer = (event) => void early.push(event);
  const loading = import("@gatestream/relay-metrics")
    .catch(() => undefined)
    .then((loaded) => {
      observe = () => {};
      const metrics = loaded?.createMetrics({ version: packageVersion() });
      for (const event of early.splice(0)) metrics?.observe(event);
      observe = metrics?.observe ?? observe;
      return metrics;
    });
  // Of another version, perhaps: a scrape is answered with the error.
  loading.catch(() => {});
  return {
    observe: (event) => observe(event),
    text: async () => (await loading)?.text(),
    close: () => closeLoaded(loading),
  };
}

/**
 * Traces with the optional package `@gatestream/relay-opentelemetry`, which begins to load at once.
 * Until it is there, and where it is not installed, the caller's trace is passed on.
 */
export function loadTracing(): StartTrace {
  let startTrace = forwardTrace;
  void import("@gatestream/relay-opentelemetry")
    .catch(() => undefined)
    .then((loaded) => {
      if (loaded !== undefined) startTrace = loaded.openTelemetry();
    })
    // Of another version, perhaps.
    .catch(() => {});
  return (...stream) => startTrace(...stream);
}

/**
 * The provider of the optional package `@gatestream/relay-providers`, which begins to load at once;
 * what is asked until it is there is asked then. When it cannot be loaded, every answer fails.
 */
export function loadOpenaiProvider(options: OpenaiOptions, settings: UpstreamSettings): Provider {
  let provider: HttpProvider | undefined;
  const loading = import("@gatestream/relay-providers")
    .catch(failWith("@gatestream/relay-providers"))
    .then(({ createOpenaiProvider }) => {
      provider = createOpenaiProvider(options, settings);
      return provider;
    });
  loading.catch(() => {});
  return {
    name: "openai",
    open(request, context, sink) {
      if (provider !== undefined) return provider.open(request, context, sink);
      let flow: AnswerFlow | undefined;
      loading
        .then((loaded) => {
          context.signal.throwIfAborted();
          flow = loaded.open(request, context, sink);
        })
        .catch((failure: unknown) => sink.end(failure));
      return { resume: () => flow?.resume(), cancel: (reason) => flow?.cancel(reason) };
    },
    close: () => closeLoaded(loading),
  };
}

/** What relays on one Redis share. */
export interface Shared {
  /** Undefined unless `resume` is `redis`. */
  readonly log: ResumableLog | undefined;
  readonly countRequest: RequestCounter;
  close(): Promise<void>;
}

/** Loads the optional package `@gatestream/relay-redis`, and connects in the background. */
export function shareOverRedis(settings: RelaySettings, observe: Observer): Shared {
  const onLost = (failure: Error): void => observe({ type: "redis_lost", failure });
  async function open() {
    // In a `try`, so that bundlers do without it where it is not installed.
    try {
      const part = await import("@gatestream/relay-redis");
      const onReady = (): void => observe({ type: "redis_ready" });
      return { part, redis: part.openRedis(settings.redisUrl, { onReady, onLost }) };
    } catch (failure) {
      // A broken installation is the same to readers as a Redis that is away.
      onLost(failure instanceof Error ? failure : new Error(String(failure)));
      throw failure;
    }
  }
  const opening = open();
  opening.catch(() => {});
  return {
    log:
      settings.resume === "redis"
        ? lazyLog(
            opening.then(({ part, redis }) => part.createRedisLog(redis, { ...settings, onLost })),
          )
        : undefined,
    async countRequest(key, windowMs) {
      const { part, redis } = await opening;
      return part.countShared(redis, key, windowMs);
    },
    close: () => closeLoaded(opening.then(({ redis }) => redis)),
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
    claim: async (...key) => (await loading).claim(...key),
    release: async (key) => (await loading).release(key),
    cancel: async (streamId) => (await loading).cancel(streamId),
    hasReadersElsewhere: async (streamId) => (await loading).hasReadersElsewhere(streamId),
    close: () => closeLoaded(loading),
  };
}

/** The WebSocket of `@gatestream/relay-websocket`, where that is installed. */
export function installedWebSocket(): readonly UpgradeTransport[] {
  return isInstalled("@gatestream/relay-websocket") ? [{ path: socketPath, open }] : [];
}

/** Loads the package for the first client that asks for a socket. */
const open: UpgradeTransport["open"] = (relay) => {
  let opened: Promise<OpenTransport> | undefined;

  async function load(): Promise<OpenTransport> {
    const { webSocket } = await import("@gatestream/relay-websocket").catch((cause: unknown) => {
      throw noWebSocket({ cause });
    });
    return webSocket().open(relay);
  }

  return {
    async upgrade(upgrade) {
      opened ??= load();
      await (await opened).upgrade(upgrade);
    },
    async close() {
      await (await opened)?.close();
    },
  };
};
