import type { Observer } from "./observer.ts";

/** The headers of a request that belongs to a trace (W3C Trace Context). */
export interface IncomingTrace {
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | undefined;
}

/** The span of a caller. */
export interface RemoteTrace {
  /** As they came. */
  readonly headers: Readonly<Record<string, string>>;
  readonly traceId: string;
  readonly spanId: string;
  readonly flags: number;
}

export interface TracedStream {
  readonly streamId: string;
  readonly configurationId: string;
  /** Who answers, such as `genesys`. */
  readonly providerName: string;
}

export interface StreamTrace {
  /** What the gateway is sent, so that its part joins the trace: at most the two headers. */
  readonly headers: Readonly<Record<string, string>>;
  /** Receives the stream's events. */
  readonly notify: Observer;
}

/** Joins a stream to the trace of its request. It must not throw. */
export type StartTrace = (stream: TracedStream, incoming: IncomingTrace) => StreamTrace;

/** Passes the caller's own headers on. */
export const forwardTrace: StartTrace = (_, incoming) => ({
  headers: readTrace(incoming)?.headers ?? {},
  notify: () => {},
});

/** W3C Trace Context, "traceparent Header Field Values", version 00: all zeros are no ids. */
const traceparentForm = /^00-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})$/;
/** "tracestate Limits": 512 characters have to be passed on, and no more are. */
const tracestateForm = /^[\t\x20-\x7E]{1,512}$/;

/** The caller's span; nothing where it sent none, or one that cannot be trusted to be one. */
export function readTrace(incoming: IncomingTrace): RemoteTrace | undefined {
  const { traceparent = "", tracestate = "" } = incoming;
  const [, traceId, spanId, flags] = traceparentForm.exec(traceparent) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  const state = tracestateForm.test(tracestate) ? { tracestate } : {};
  return {
    headers: { traceparent, ...state },
    traceId,
    spanId,
    flags: Number.parseInt(flags, 16),
  };
}
