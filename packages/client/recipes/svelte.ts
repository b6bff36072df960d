import type { Chat, ChatSnapshot } from "@gatestream/client/chat";
import type { Readable } from "svelte/store";

/** A conversation as a store: `$conversation.messages` in a component. */
export function storeOf(chat: Chat): Readable<ChatSnapshot> {
  return {
    subscribe(run) {
      run(chat.getSnapshot());
      return chat.subscribe(() => run(chat.getSnapshot()));
    },
  };
}
