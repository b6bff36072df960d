import type { Chat, ChatSnapshot } from "@gatestream/client/chat";
import { createSignal, onCleanup, type Accessor } from "solid-js";

/** A conversation as a signal: `snapshot().messages` in a component. */
export function signalOf(chat: Chat): Accessor<ChatSnapshot> {
  const [snapshot, setSnapshot] = createSignal(chat.getSnapshot());
  onCleanup(chat.subscribe(() => setSnapshot(() => chat.getSnapshot())));
  return snapshot;
}
