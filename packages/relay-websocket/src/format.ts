import {
  isNotice,
  type CutFrame,
  type DoneFrame,
  type HeartbeatFrame,
  type StartEvent,
  type StreamEvent,
} from "@gatestream/protocol";
import type { OutputFormat } from "@gatestream/relay/parts";

export interface WebsocketFormatOptions {
  /** What the page calls the stream. */
  readonly ref: string;
  /** What the operator's log calls the request. */
  readonly requestId: string;
}

/** Fields that say whose an event is. */
const addressFields: ReadonlySet<string> = new Set(["ref", "streamId", "id"]);
/** Types of frames that are no events. */
const frameTypes: ReadonlySet<string> = new Set(["cut", "done", "heartbeat"] satisfies (
  | CutFrame
  | DoneFrame
  | HeartbeatFrame
)["type"][]);

/**
 * Frames of one stream among others on a WebSocket: PROTOCOL.md, "WebSocket". Events that came
 * together are one array.
 */
export function createWebsocketFormat({ ref, requestId }: WebsocketFormatOptions): OutputFormat {
  let address = "";

  function frame(event: StreamEvent, id?: number): string {
    const fields = JSON.stringify(isNotice(event) ? event : withoutOurNames(event)).slice(0, -1);
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

/** Fields and types of the gateway that are called as ours are get `gateway.` in front. */
function withoutOurNames(event: StreamEvent): StreamEvent {
  const hasOurField = Object.keys(event).some((name) => addressFields.has(name));
  if (!hasOurField && !frameTypes.has(event.type)) return event;
  const renamed = Object.entries(event).map(([name, value]) => {
    if (name === "type" && frameTypes.has(event.type)) return [name, `gateway.${event.type}`];
    return [addressFields.has(name) ? `gateway.${name}` : name, value];
  });
  return Object.fromEntries(renamed) as StreamEvent;
}
