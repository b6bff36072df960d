/** Where the servers of {@link file://./global-setup.ts} listen; `inject` gives it to a test. */
export interface TestServers {
  /** A relay in front of the emulated gateway, with its base path. */
  readonly relayUrl: string;
  /** The same without resumption. */
  readonly plainRelayUrl: string;
  /** The first, but it answers before the gateway has. */
  readonly earlyRelayUrl: string;
  /** Answers as the script in its path says: see `script.ts`. */
  readonly scriptedUrl: string;
  /** Tells what the emulated gateway has seen: see `gateway-call.ts`. */
  readonly controlUrl: string;
}

declare module "vitest" {
  export interface ProvidedContext {
    servers: TestServers;
  }
}
