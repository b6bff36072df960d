/** Events as a relay writes them, without ids: nothing that is tested here reads them. */
export function sseText(...events: readonly object[]): string {
  return events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
}

export const start = { type: "start", streamId: "s-1", resumable: false, heartbeatMs: 15_000 };
export const stop = { type: "stop", reason: "stop" };

export function token(content: string, index = 0) {
  return { type: "token", content, index };
}
