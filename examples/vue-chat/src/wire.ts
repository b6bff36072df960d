import { createWireDrawer, wireListeners, type WireListeners } from "@gatestream/chat-kit";
import { persist } from "./relay-client.ts";

/** A drawer that shows what comes over the wire, and the listeners of a chat that fill it. */
export interface Wire {
  readonly element: HTMLElement;
  readonly listeners: WireListeners;
  /** Forgets what came for the conversation before. */
  clear(): void;
}

/** Makes one that is on no page yet: a chat may speak before its page is there. */
export function createWire(): Wire {
  const element = document.createElement("div");
  const drawer = createWireDrawer(element);
  return { element, listeners: wireListeners(drawer, persist), clear: drawer.clear };
}
