import {
  isNotice,
  type StartEvent,
  type StopEvent,
  type StreamEvent,
  type TokenEvent,
} from "@gatestream/protocol";

/** Events as a relay writes them, without ids: nothing that is tested here reads them. */
export function sseText(...events: readonly object[]): string {
  return events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
}

/** Events as a relay writes them, those that have ids with theirs, from `firstId` on. */
export function numberedText(firstId: number, ...events: readonly StreamEvent[]): string {
  let id = firstId;
  return events
    .map((event) => `data: ${JSON.stringify(event)}\n${isNotice(event) ? "" : `id: ${id++}\n`}\n`)
    .join("");
}

export const start: StartEvent = {
  type: "start",
  streamId: "s-1",
  resumable: false,
  resumableForMs: 0,
  heartbeatMs: 15_000,
};
export const stop: StopEvent = { type: "stop", reason: "stop" };

export function token(content: string, index = 0): TokenEvent {
  return { type: "token", content, index };
}
