import type { StreamEvent, StreamStatus } from "@gatestream/client";
import type { StoredConversations } from "@gatestream/client/chat";
import type { Inspector } from "./inspector.ts";

/** What a stream or a chat is given to notify an inspector. */
export interface InspectorListeners {
  readonly onEvent: (event: StreamEvent) => void;
  readonly onStatus: (status: StreamStatus) => void;
}

const endings: readonly string[] = ["done", "cancelled", "error"];

/**
 * Passes each answer of a stream or a chat to an inspector. Given where the chat is saved, it knows the
 * ids of an answer that is resumed after a reload.
 */
export function inspectorListeners(
  inspector: Inspector,
  persist?: Pick<StoredConversations, "load">,
): InspectorListeners {
  let lastEventId = persist?.load()?.checkpoint?.lastEventId;
  let isRunning = false;
  return {
    onEvent: inspector.record,
    onStatus(status) {
      if (!isRunning) {
        inspector.begin({ lastEventId });
        lastEventId = undefined;
      }
      isRunning = !endings.includes(status);
      inspector.status(status);
      if (!isRunning) inspector.end();
    },
  };
}
