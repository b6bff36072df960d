import { readEvent, type StreamEvent, type StreamRequest } from "@gatestream/protocol";
import { onTestFinished } from "vitest";
import type { AttemptFailed, ObserverEvent, StreamPhase } from "../../observe/observer.ts";
import { createGenesysProvider, type GenesysOptions } from "../genesys/provider.ts";
import type { UpstreamSettings } from "../http-provider.ts";
import { pushAnswer, type Answer, type AnswerSink, type Provider } from "../provider.ts";
import { pulled } from "../../testing/pulled.ts";
import { deferred } from "../../testing/deferred.ts";
import { readAll } from "./upstream-responses.ts";

/** Limits that no test reaches by accident. */
export const ampleSettings: UpstreamSettings = {
  firstByteTimeoutMs: 20_000,
  idleTimeoutMs: 20_000,
  totalTimeoutMs: 20_000,
  handshakeTries: 4,
  handshakeDeadlineMs: 20_000,
  retryUnanswered: false,
  maxConcurrentStreams: 256,
  requestsPerMinute: 300,
  maxQueued: 1000,
  queueTimeoutMs: 20_000,
};

export const conversation = [
  { role: "user", content: "How do I reset my password?" },
  { role: "assistant", content: "Which one?" },
  { role: "user", content: "Schlüssel 👍" },
];

export interface OpenOptions {
  readonly signal?: AbortSignal;
  readonly configurationId?: string;
  /** Asks instead of the usual conversation. */
  readonly question?: string;
  /** Replaces fields of the request. */
  readonly request?: Partial<StreamRequest>;
  /** @defaultValue none */
  readonly traceHeaders?: Readonly<Record<string, string>>;
}

export interface ProviderUnderTest {
  /** All events that the provider reported to its observer, except phases. */
  readonly observed: readonly ObserverEvent[];
  /** The phases that it reported, in order. */
  readonly phases: readonly StreamPhase[];
  /** Every reported queue position. */
  readonly positions: readonly number[];
  /** The first failed try, as soon as it is reported. */
  readonly firstFailure: Promise<AttemptFailed>;
  open(options?: OpenOptions): Promise<Answer>;
  /** Opens and reads; rejects when it cannot be opened. */
  ask(
    options?: OpenOptions,
  ): Promise<{ readonly events: readonly StreamEvent[]; readonly failure: unknown }>;
  /** What opening or reading fails with. */
  failureOf(options?: OpenOptions): Promise<unknown>;
  close(): Promise<void>;
}

/** Records what a provider reports; closed at the end of the test. */
export function underTest(provider: Provider): ProviderUnderTest {
  const observed: ObserverEvent[] = [];
  const phases: StreamPhase[] = [];
  const positions: number[] = [];
  const { promise: firstFailure, resolve: onFailure } = deferred<AttemptFailed>();
  onTestFinished(() => provider.close());
  const observe = (event: ObserverEvent): void => {
    if (event.type === "phase_begun") phases.push(event.phase);
    else observed.push(event);
    if (event.type === "attempt_failed") onFailure(event);
  };
  const open = (options: OpenOptions = {}): Promise<Answer> => {
    const { signal = new AbortController().signal, configurationId = "cfg-1" } = options;
    const { question, traceHeaders = {} } = options;
    const messages =
      question === undefined ? [...conversation] : [{ role: "user", content: question }];
    const request: StreamRequest = {
      configurationId,
      messages,
      onDisconnect: "abort",
      ...options.request,
    };
    return new Promise((resolve, reject) => {
      const answer = pulled<readonly StreamEvent[]>((push) => {
        const sink: AnswerSink = {
          accepted: () => resolve(answer),
          events: (batch) => push.item(batch.map(readEvent)),
          end(failure) {
            signal.removeEventListener("abort", onAbort);
            reject(failure);
            push.end(failure);
          },
        };
        const context = {
          signal,
          streamId: "stream-1",
          subject: "",
          observe,
          onPosition: (position: number) => void positions.push(position),
          traceHeaders,
        };
        const opened = provider.open(request, context, sink);
        const flow = "then" in opened ? pushAnswer(opened, sink) : opened;
        const onAbort = (): void => flow.cancel(signal.reason);
        signal.addEventListener("abort", onAbort, { once: true });
        if (signal.aborted) onAbort();
        return { resume: () => flow.resume(), close: () => flow.cancel(undefined) };
      });
    });
  };
  const ask: ProviderUnderTest["ask"] = async (options) => {
    const { items, failure } = await readAll(await open(options));
    return { events: items.flat(), failure };
  };
  return {
    observed,
    phases,
    positions,
    firstFailure,
    open,
    ask,
    failureOf: (options) =>
      ask(options).then(
        ({ failure }) => failure,
        (refusal: unknown) => refusal,
      ),
    close: () => provider.close(),
  };
}

/** A provider that asks the gateway at `url`; closed when the test is over. */
export function genesysAt(
  url: string,
  change: Partial<UpstreamSettings & GenesysOptions> = {},
): ProviderUnderTest {
  const options = {
    clientId: "demo-client",
    clientSecret: "demo-secret",
    loginUrl: url,
    apiUrl: url,
    ...change,
  };
  return underTest(createGenesysProvider(options, { ...ampleSettings, ...change }));
}
