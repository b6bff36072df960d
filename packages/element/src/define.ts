import { GatestreamChat, type GatestreamChatEvents } from "./gatestream-chat.ts";

const tagName = "gatestream-chat";

/** Defines the element, whose words of a language `loadLabels` finds. */
export function defineElement(loadLabels: (typeof GatestreamChat)["loadLabels"]): void {
  // A server has no elements, and a page that loads this twice has one already.
  if (!globalThis.customElements || customElements.get(tagName)) return;
  GatestreamChat.loadLabels = loadLabels;
  customElements.define(tagName, GatestreamChat);
}

declare global {
  interface HTMLElementTagNameMap {
    [tagName]: GatestreamChat;
  }
  // They bubble: documents and windows are told of them too.
  interface GlobalEventHandlersEventMap extends GatestreamChatEvents {}
}
