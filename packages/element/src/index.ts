import { GatestreamChat, type GatestreamChatEvents } from "./gatestream-chat.ts";

const tagName = "gatestream-chat";

// A server has no elements, and a page that loads this twice has one already.
if (globalThis.customElements && !customElements.get(tagName)) {
  customElements.define(tagName, GatestreamChat);
}

declare global {
  interface HTMLElementTagNameMap {
    [tagName]: GatestreamChat;
  }
  // They bubble: documents and windows are told of them too.
  interface GlobalEventHandlersEventMap extends GatestreamChatEvents {}
}

export { GatestreamChat };
export type { Feedback, GatestreamChatEvents } from "./gatestream-chat.ts";
export type { GatestreamChatAttributes } from "./attributes.ts";
