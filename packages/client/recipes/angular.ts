import { DestroyRef, inject, signal, type Signal } from "@angular/core";
import type { Chat, ChatSnapshot } from "@gatestream/client/chat";

/** A conversation as a signal: `snapshot().messages` in a component. Call it where `inject` may be. */
export function signalOf(chat: Chat): Signal<ChatSnapshot> {
  const snapshot = signal(chat.getSnapshot());
  inject(DestroyRef).onDestroy(chat.subscribe(() => snapshot.set(chat.getSnapshot())));
  return snapshot.asReadonly();
}
