import { RelayError } from "../../errors.ts";
import type { PhaseBegun, StreamEnded, StreamStarted } from "../observer.ts";

const request = {
  requestId: "r-1",
  subject: "alice",
  configurationId: "cfg-1",
  transport: "http",
} as const;

export function streamStarted(
  streamId: string,
  transport: StreamStarted["transport"] = "http",
): StreamStarted {
  return { type: "stream_started", streamId, ...request, transport };
}

export function phaseBegun(streamId: string, phase: PhaseBegun["phase"]): PhaseBegun {
  return { type: "phase_begun", streamId, phase };
}

/** The end of a stream that went well, except for what is given. */
export function streamEnded(streamId: string, differing: Partial<StreamEnded> = {}): StreamEnded {
  return {
    type: "stream_ended",
    streamId,
    ...request,
    ending: "stop",
    readerLeft: false,
    phase: "answer",
    tokens: 12,
    warnings: 0,
    queueMs: 3,
    accessTokenMs: 40,
    handshakeMs: 200,
    firstTokenMs: 900,
    durationMs: 4_000,
    ...differing,
  };
}

/** The end of a stream that failed. */
export function streamFailed(
  streamId: string,
  code: RelayError["code"],
  differing: Partial<StreamEnded> = {},
): StreamEnded {
  const error = new RelayError(code, "It failed.");
  return streamEnded(streamId, { ending: "error", error, ...differing });
}
