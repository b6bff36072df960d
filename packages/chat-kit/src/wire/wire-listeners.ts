import type { StreamEvent, StreamStatus } from "@gatestream/client";
import type { StoredConversations } from "@gatestream/client/chat";
import type { WireDrawer } from "./wire-drawer.ts";

/** What a stream or a chat is given so that a drawer hears of it. */
export interface WireListeners {
  readonly onEvent: (event: StreamEvent) => void;
  readonly onStatus: (status: StreamStatus) => void;
}

const endings: readonly string[] = ["done", "cancelled", "error"];

/**
 * Lets a drawer hear of each answer of a stream or a chat. Given where the chat is kept, it knows the
 * ids of an answer that is gone on with after a reload.
 */
export function wireListeners(
  drawer: WireDrawer,
  persist?: Pick<StoredConversations, "load">,
): WireListeners {
  let lastEventId = persist?.load()?.checkpoint?.lastEventId;
  let isRunning = false;
  return {
    onEvent: drawer.record,
    onStatus(status) {
      if (!isRunning) {
        drawer.begin({ lastEventId });
        lastEventId = undefined;
      }
      isRunning = !endings.includes(status);
      drawer.status(status);
      if (!isRunning) drawer.end();
    },
  };
}
