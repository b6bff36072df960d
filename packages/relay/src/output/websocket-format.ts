import { isNotice, type StartEvent, type StreamEvent } from "@gatestream/protocol";
import type { OutputFormat } from "./format.ts";

export interface WebsocketFormatOptions {
  /** What the page calls the stream. */
  readonly ref: string;
  /** What the operator's log calls the request. */
  readonly requestId: string;
}

/** Fields that say whose an event is. */
const addressFields = ["ref", "streamId", "id"] as const;

/**
 * Frames of one stream among others on a WebSocket: PROTOCOL.md, "WebSocket". Events that came
 * together are one array.
 */
export function createWebsocketFormat({ ref, requestId }: WebsocketFormatOptions): OutputFormat {
  let address = "";

  function frame(event: StreamEvent, id?: number): string {
    const fields = JSON.stringify(isNotice(event) ? event : withoutAddress(event)).slice(0, -1);
    return id === undefined ? `${fields}${address}}` : `${fields}${address},"id":${id}}`;
  }

  return {
    mediaType: "application/json",
    // A socket has one of its own for all streams.
    heartbeat: "",
    begin({ streamId, ...start }: StartEvent) {
      address = `,"ref":${JSON.stringify(ref)},"streamId":${JSON.stringify(streamId)}`;
      return `${JSON.stringify({ ...start, requestId }).slice(0, -1)}${address}}`;
    },
    encode(events, firstId) {
      let id = firstId;
      const frames = events.map((event) => (isNotice(event) ? frame(event) : frame(event, id++)));
      return frames.length === 1 ? frames.join() : `[${frames.join()}]`;
    },
  };
}

/** What the gateway calls by one of our names gets `gateway.` in front, so that nothing is lost. */
function withoutAddress(event: StreamEvent): StreamEvent {
  if (!addressFields.some((name) => name in event)) return event;
  const renamed = Object.entries(event).map(([name, value]) => [
    addressFields.some((ours) => ours === name) ? `gateway.${name}` : name,
    value,
  ]);
  return Object.fromEntries(renamed) as StreamEvent;
}
