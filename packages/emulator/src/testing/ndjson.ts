export interface WireEvent {
  readonly type?: string;
  readonly content?: string;
  readonly [field: string]: unknown;
}

/** Reads well-formed NDJSON, for the scenarios that send nothing else. */
export function eventsIn(text: string): WireEvent[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as WireEvent);
}

export function textOf(events: readonly WireEvent[]): string {
  return events
    .filter(({ type }) => type === "token")
    .map(({ content }) => content ?? "")
    .join("");
}
