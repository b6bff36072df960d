import type { StreamEvent } from "@gatestream/protocol";
import { onTestFinished } from "vitest";
import type { AttemptFailed, ObserverEvent } from "../../observe/observer.ts";
import { createGenesysProvider, type GenesysOptions } from "../genesys/provider.ts";
import type { UpstreamSettings } from "../http-provider.ts";
import type { Answer } from "../provider.ts";
import { deferred } from "./deferred.ts";
import { readAll } from "./pieces.ts";

const settings: UpstreamSettings = {
  connectTimeoutMs: 10_000,
  firstByteTimeoutMs: 20_000,
  idleTimeoutMs: 20_000,
  totalTimeoutMs: 20_000,
  handshakeTries: 4,
  handshakeDeadlineMs: 20_000,
  maxLineBytes: 1024 * 1024,
  maxMalformedLines: 16,
  maxConcurrentStreams: 256,
  requestsPerMinute: 300,
  maxQueued: 1000,
  queueTimeoutMs: 20_000,
};

export interface GenesysUnderTest {
  /** Everything that the provider told its observer. */
  readonly observed: readonly ObserverEvent[];
  /** The first failed try, as soon as it has been told. */
  readonly firstFailure: Promise<AttemptFailed>;
  open(signal?: AbortSignal): Promise<Answer>;
  /** Opens and reads; rejects when it cannot be opened. */
  ask(): Promise<{ readonly events: readonly StreamEvent[]; readonly failure: unknown }>;
  close(): Promise<void>;
}

export const conversation = [
  { role: "user", content: "How do I reset my password?" },
  { role: "assistant", content: "Which one?" },
  { role: "user", content: "Schlüssel 👍" },
];

/** A provider that talks to `url`; closed when the test is over. */
export function genesysAt(
  url: string,
  change: Partial<UpstreamSettings & GenesysOptions> = {},
): GenesysUnderTest {
  const observed: ObserverEvent[] = [];
  const { promise: firstFailure, resolve: onFailure } = deferred<AttemptFailed>();
  const provider = createGenesysProvider(
    {
      clientId: "demo-client",
      clientSecret: "demo-secret",
      loginUrl: url,
      apiUrl: url,
      ...change,
    },
    { ...settings, ...change },
  );
  onTestFinished(() => provider.close());
  const observe = (event: ObserverEvent): void => {
    observed.push(event);
    if (event.type === "attempt_failed") onFailure(event);
  };
  const open = (signal = new AbortController().signal): Promise<Answer> =>
    provider.open(
      { configurationId: "cfg-1", messages: conversation, onDisconnect: "detach" },
      { signal, streamId: "stream-1", subject: "", observe, onPosition: () => {} },
    );
  return {
    observed,
    firstFailure,
    open,
    async ask() {
      const { items, failure } = await readAll(await open());
      return { events: items.flat(), failure };
    },
    close: () => provider.close(),
  };
}
