import type { DialectName } from "../dialects/dialect.ts";
import type { ScenarioName } from "../scenarios/scenario-table.ts";
import { createCallWaiters } from "./call-waiters.ts";

/** One request as the emulator saw it: a live view that changes until the call has ended. */
export interface EmulatorCall {
  /** 1 for the first request, then counting up; starts again after a reset. */
  readonly id: number;
  /** `again`: an answer in the background is asked for again; `cancel`: it is cancelled. */
  readonly kind: "token" | "chat" | "again" | "cancel";
  /** Which endpoint was called; every token request is of "genesys". */
  readonly dialect: DialectName;
  /** What is played; set once the request was accepted. Chat only. */
  readonly scenario?: ScenarioName;
  /** The HTTP status; set when the headers are sent. */
  readonly status?: number;
  /**
   * `answered`: the emulator has sent all that it meant to send (`cut` included). `aborted`: the
   * connection was closed before that, by the peer or by closing the emulator.
   */
  readonly state: "open" | "answered" | "aborted";
  /** The parsed JSON of a chat, the form fields of a token request; undefined until it is read. */
  readonly body: unknown;
  /** The request's headers, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The contents of all tokens sent so far, in order; other events do not count. */
  readonly sentText: string;
  /** When the request arrived, as `performance.now()`. */
  readonly startedAt: number;
  /** When the call ended, as `performance.now()`. */
  readonly endedAt?: number;
}

/** How the rest of the emulator writes into a call. */
export interface CallRecord {
  readonly call: EmulatorCall;
  update(change: Partial<Pick<EmulatorCall, "scenario" | "status" | "body">>): void;
  addSentText(text: string): void;
  end(state: "answered" | "aborted"): void;
}

export interface CallLog {
  readonly calls: readonly EmulatorCall[];
  open(
    endpoint: Pick<EmulatorCall, "kind" | "dialect">,
    headers: EmulatorCall["headers"],
  ): CallRecord;
  waitFor(
    predicate: (call: EmulatorCall) => boolean,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<EmulatorCall>;
  forget(): void;
  close(): void;
}

export function createCallLog(now: () => number): CallLog {
  const calls: EmulatorCall[] = [];
  const waiters = createCallWaiters();

  function changed(call: EmulatorCall): void {
    // A call that outlives a reset is forgotten: it must not resolve waiters.
    if (calls[call.id - 1] === call) waiters.notify(call);
  }

  return {
    calls,
    open(endpoint, headers) {
      const call = {
        id: calls.length + 1,
        ...endpoint,
        state: "open" as EmulatorCall["state"],
        body: undefined as unknown,
        headers,
        sentText: "",
        startedAt: now(),
      };
      calls.push(call);
      waiters.notify(call);
      return {
        call,
        update(change) {
          Object.assign(call, change);
          changed(call);
        },
        addSentText(text) {
          call.sentText += text;
          changed(call);
        },
        end(state) {
          Object.assign(call, { state, endedAt: now() });
          changed(call);
        },
      };
    },
    waitFor: (predicate, options = {}) => waiters.wait(calls, predicate, options.signal),
    forget() {
      calls.length = 0;
    },
    close: () => waiters.close(),
  };
}
